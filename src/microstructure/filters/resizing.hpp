// SPDX-License-Identifier: Apache-2.0
// A window of an image in the size a network wants: in the middle, or at random as torchvision's
// RandomResizedCrop draws it.
#pragma once

#include "core/random.hpp"
#include "microstructure/image.hpp"

namespace tessera::microstructure {

struct Extent {
  int height = 0, width = 0;  // px
  bool operator==(const Extent&) const = default;
};

inline Extent extent_of(const Image& image) {
  return {image.grey.height(), image.grey.width()};
}

struct Window {
  int top = 0, left = 0, height = 0, width = 0;  // px
  bool operator==(const Window&) const = default;
};

/// The largest window of the shape of `size`, in the middle.
Window centred_window(const Extent& image, const Extent& size);

/// A window that covers a share of the image's area from `least_area` to 1, all shares alike, its sides
/// stretched against each other by ¾ to 4⁄3 of the shape of `size`, anywhere. At 1 it is the largest one of
/// that very shape: all of an image of that shape, of a longer one a piece at random.
Window random_window(const Extent& image, const Extent& size, double least_area, core::RandomStream& random);

/// The window in the size asked for; in its own size as it stands, else in 16-bit levels: each axis that
/// shrinks by averages over areas, one that grows linearly.
Image resized(const Image& image, const Window& window, const Extent& size);

}  // namespace tessera::microstructure
