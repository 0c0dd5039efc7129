// SPDX-License-Identifier: Apache-2.0
#include "data/sealed_text.hpp"

#include <fmt/core.h>

#include "core/error.hpp"
#include "core/hash.hpp"

namespace tessera::data {
namespace {

std::string seal_of(const std::string& body) {
  return ",\n  \"content_sha256\": \"" + core::sha256_of(body) + "\"\n}\n";
}

}  // namespace

std::string seal(std::string object) {
  if (!object.ends_with("\n}")) throw core::InternalError("only indented JSON objects can be sealed");
  object.resize(object.size() - 2);
  return object + seal_of(object);
}

void check_seal(const std::string& text, const std::string& name) {
  static const std::size_t length = seal_of("").size();
  if (text.size() > length) {
    const std::string body = text.substr(0, text.size() - length);
    if (text.substr(body.size()) == seal_of(body)) return;
  }
  throw core::DataError(fmt::format(
      "{} is not as it was written: its content_sha256 does not fit. Start the preparation again; whole "
      "shards are kept.",
      name));
}

}  // namespace tessera::data
