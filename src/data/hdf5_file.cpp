// SPDX-License-Identifier: Apache-2.0
// Files in memory, and the settings that pin their format.
#include <fmt/core.h>
#include <hdf5.h>

#include <cstdlib>
#include <cstring>

#include "data/hdf5_calls.hpp"
#include "data/hdf5_owner.hpp"

namespace tessera::data {
namespace {

std::recursive_mutex& library_mutex() {
  static std::recursive_mutex mutex;
  return mutex;
}

// HDF5 hands out a whole, closed file in memory only through its allocation callbacks: H5Fget_file_image of
// an open one leaves a wrong checksum in the superblock (1.10.8). `content` has the file's length by then.
void keep_content(hid_t access, std::string* content, const std::string& name) {
  H5FD_file_image_callbacks_t calls{};
  calls.image_malloc = [](size_t size, H5FD_file_image_op_t, void*) { return std::malloc(size); };
  calls.image_memcpy = [](void* to, const void* from, size_t size, H5FD_file_image_op_t, void*) {
    return std::memcpy(to, from, size);
  };
  calls.image_realloc = [](void* data, size_t size, H5FD_file_image_op_t, void*) {
    return std::realloc(data, size);
  };
  calls.image_free = [](void* data, H5FD_file_image_op_t why, void* user) -> herr_t {
    auto& kept = *static_cast<std::string*>(user);
    if (why == H5FD_FILE_IMAGE_OP_FILE_CLOSE) std::memcpy(kept.data(), data, kept.size());
    std::free(data);
    return 0;
  };
  calls.udata_copy = [](void* user) { return user; };
  calls.udata_free = [](void*) -> herr_t { return 0; };
  calls.udata = content;
  check_writing(H5Pset_file_image_callbacks(access, &calls) >= 0, name);
}

Hdf5Handle open_file(const std::string& name, const std::string& bytes, std::string* content) {
  // HDF5 prints its errors itself unless told not to; ours carry its words.
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  static std::int64_t num_opened = 0;  // names must differ from each other and from any file on disk
  const std::string path = fmt::format("/dev/null/{}", num_opened++);
  auto access = created(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, name);
  check_writing(H5Pset_libver_bounds(access.id(), H5F_LIBVER_V18, H5F_LIBVER_V18) >= 0 &&
                    H5Pset_fclose_degree(access.id(), H5F_CLOSE_STRONG) >= 0 &&
                    H5Pset_fapl_core(access.id(), std::size_t{1} << 20, false) >= 0,
                name);
  if (content) {
    keep_content(access.id(), content, name);
    auto creation = creation_properties(H5P_FILE_CREATE, name);
    return created(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation.id(), access.id()), H5Fclose, name);
  }
  if (bytes.empty()) fail_reading(name, "it is empty");
  // HDF5 copies the image and does not write to what it is handed.
  check_writing(H5Pset_file_image(access.id(), const_cast<char*>(bytes.data()), bytes.size()) >= 0, name);
  return opened(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.id()), H5Fclose, name);
}

}  // namespace

Hdf5File::Hdf5File(const std::string& name, const std::string& bytes, bool fresh)
    : lock_(library_mutex()),
      file_(open_file(name, bytes, fresh ? &content_ : nullptr)),
      root_(opened(H5Gopen2(file_.id(), "/", H5P_DEFAULT), H5Gclose, name), name + ":/",
            static_cast<std::int64_t>(bytes.size())) {}

std::string Hdf5File::finish() {
  check_writing(H5Fflush(file_.id(), H5F_SCOPE_GLOBAL) >= 0, root_.where());
  const ssize_t size = H5Fget_file_image(file_.id(), nullptr, 0);
  check_writing(size >= 0, root_.where());
  content_.assign(static_cast<std::size_t>(size), '\0');
  check_writing(file_.close(), root_.where());
  return std::move(content_);
}

}  // namespace tessera::data
