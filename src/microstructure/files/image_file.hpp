// SPDX-License-Identifier: Apache-2.0
// Micrographs out of files: PNG and JPEG (OpenCV), TIFF (libtiff), NPY. Grey levels stay as stored: nothing
// is stretched, turned by an orientation tag, or inverted. OpenCV and PIL invert a TIFF tagged MinIsWhite
// without a word, so that pore and solid swap; here it is read as stored, and its header tells, for the
// caller to say.
//
// A file is told by its first bytes, whatever its name. A TIFF has a page for each directory (thumbnails left
// out), an NPY of three axes one for each index of the first, the others have one page.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <vector>

#include "microstructure/image.hpp"

namespace tessera::microstructure {

/// What a page tells of itself before a pixel of it is read.
struct PageHeader {
  int height = 0, width = 0;
  bool has_colour = false;    // stored in colour or with a palette: it becomes grey by luma
  bool min_is_white = false;  // tagged so that 0 is shown white
};

/// Its ending is .png, .jpg, .jpeg, .tif, .tiff or .npy, in any case.
bool has_image_ending(const std::filesystem::path& path);

/// One for each page, at least one. Raises ImageFileError (a DataError) where the file is missing, empty, cut
/// in its headers, claims more than 2^29 pixels a page, or is of a kind that is not read: a TIFF with a
/// palette, of floats, signed or of other than 1, 8 or 16 bits; an NPY of other than two or three axes.
std::vector<PageHeader> list_pages(const std::filesystem::path& path);

/// Keeps the last file open and the last page decoded: many tiles of one page cost one decoding. One reader
/// for each thread.
class ImageReader {
 public:
  ImageReader();
  ~ImageReader();

  const std::vector<PageHeader>& headers(const std::filesystem::path& path);

  /// Colour becomes grey by luma (0.299, 0.587, 0.114), an alpha channel is left aside; 1-bit pixels are 0
  /// and 255 (PNG of 2 and 4 bits: spread over 0 to 255). NPY: bool and integers as they are, floats too
  /// where all are whole; floats in [0, 1] become 16 bit by 65535. The scale comes from a TIFF's resolution,
  /// unless that is one a printer has (72, 300 dpi …), or from ImageJ's unit. The image is valid until the
  /// next call. Raises ImageFileError as list_pages does, and where the pixels are cut or damaged; damage
  /// inside the pixels of a JPEG, which keeps no checksum, shows in the picture alone.
  const Image& read(const std::filesystem::path& path, std::size_t page = 0) &;

  /// Whether the page read last had a pixel that was no grey: luma may have made one level of two colours.
  bool was_coloured() const;

 private:
  struct Open;
  std::unique_ptr<Open> open_;
};

/// One page of one file, as ImageReader reads it.
Image read_image(const std::filesystem::path& path, std::size_t page = 0);

}  // namespace tessera::microstructure
