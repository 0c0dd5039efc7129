// SPDX-License-Identifier: Apache-2.0
// Owners over HDF5's C API: file, group, dataset, attribute. Files are built and parsed in memory, so that
// the bytes that were hashed are the bytes that are read, and no file lock of HDF5's is ever taken. The
// format is pinned (checksummed metadata, no times, contiguous data): the same content gives the same bytes.
#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tessera::data {

/// An HDF5 id and the call that gives it back.
class Hdf5Handle {
 public:
  using Close = int (*)(std::int64_t);
  Hdf5Handle(std::int64_t id, Close closer) : id_(id), close_(closer) {}
  ~Hdf5Handle();
  Hdf5Handle(Hdf5Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Hdf5Handle(const Hdf5Handle&) = delete;
  Hdf5Handle& operator=(const Hdf5Handle&) = delete;
  std::int64_t id() const { return id_; }
  /// Gives the id back now; false where HDF5 reports a failure.
  bool close() { return close_(std::exchange(id_, -1)) >= 0; }

 private:
  std::int64_t id_;
  Close close_;
};

/// What carries attributes. Reading raises DataError, writing ParallelError; both name file, object and
/// HDF5's own words.
class Hdf5Object {
 public:
  void set(const std::string& name, const std::string& text);
  void set(const std::string& name, double number);
  void set(const std::string& name, std::int64_t number);
  std::string text(const std::string& name) const;
  double number(const std::string& name) const;
  std::int64_t integer(const std::string& name) const;

  /// "shard-00000.h5:/mesh/face_vertex".
  const std::string& where() const { return where_; }

 protected:
  friend class Hdf5File;
  Hdf5Object(Hdf5Handle handle, std::string where) : handle_(std::move(handle)), where_(std::move(where)) {}
  void set_value(const std::string& name, std::int64_t type, const void* value);
  void get_value(const std::string& name, int type_class, std::int64_t type, void* value) const;
  Hdf5Handle handle_;
  std::string where_;
};

using Shape = std::vector<std::int64_t>;

/// A contiguous array. Readers check the kind of its elements, and before allocating that the file is as long
/// as the array claims.
class Hdf5Dataset : public Hdf5Object {
 public:
  Shape shape() const;
  std::vector<double> doubles() const;
  std::vector<float> floats() const;
  std::vector<std::int64_t> integers() const;
  /// Of 8 or 16 bits without sign, as pixels are; wider ones are refused.
  std::vector<std::uint16_t> words() const;
  std::vector<std::string> texts() const;

 private:
  friend class Hdf5Group;
  Hdf5Dataset(Hdf5Handle handle, std::string where, std::int64_t file_bytes)
      : Hdf5Object(std::move(handle), std::move(where)), file_bytes_(file_bytes) {}
  std::size_t checked_count(int type_class) const;
  void read(std::int64_t type, void* values) const;
  std::int64_t file_bytes_;
};

class Hdf5Group : public Hdf5Object {
 public:
  Hdf5Group create_group(const std::string& name);
  Hdf5Group group(const std::string& name) const;
  Hdf5Dataset dataset(const std::string& name) const;
  bool has(const std::string& name) const;
  /// In order of name.
  std::vector<std::string> names() const;

  Hdf5Dataset write(const std::string& name, const Shape& shape, std::span<const double> values);
  Hdf5Dataset write(const std::string& name, const Shape& shape, std::span<const float> values);
  /// Stored in the smallest of 8, 16, 32 and 64 bits that holds all of them; signed where one is negative.
  Hdf5Dataset write(const std::string& name, const Shape& shape, std::span<const std::int64_t> values);
  /// Stored in 8 bits where all of them fit.
  Hdf5Dataset write(const std::string& name, const Shape& shape, std::span<const std::uint16_t> values);
  /// Fixed-length UTF-8, as long as the longest.
  Hdf5Dataset write(const std::string& name, std::span<const std::string> texts);

 private:
  friend class Hdf5File;
  Hdf5Group(Hdf5Handle handle, std::string where, std::int64_t file_bytes)
      : Hdf5Object(std::move(handle), std::move(where)), file_bytes_(file_bytes) {}
  Hdf5Dataset write_values(const std::string& name, const Shape& shape, std::int64_t file_type,
                           std::int64_t memory_type, const void* values);
  std::int64_t file_bytes_;
};

/// A file in memory. While one is open no other thread can open one: the library is not thread-safe.
class Hdf5File {
 public:
  /// `name` stands in messages.
  static Hdf5File create(const std::string& name) { return Hdf5File(name, {}, true); }
  /// Raises DataError where `bytes` are no HDF5 file or a cut one.
  static Hdf5File open(const std::string& name, const std::string& bytes) {
    return Hdf5File(name, bytes, false);
  }
  Hdf5File(const Hdf5File&) = delete;
  Hdf5File& operator=(const Hdf5File&) = delete;

  Hdf5Group& root() { return root_; }
  /// Ends a created file, with all its groups and datasets, and hands out its content.
  std::string finish();

 private:
  Hdf5File(const std::string& name, const std::string& bytes, bool fresh);
  std::unique_lock<std::recursive_mutex> lock_;
  std::string content_;  // of a created file, at its end
  Hdf5Handle file_;
  Hdf5Group root_;
};

}  // namespace tessera::data
