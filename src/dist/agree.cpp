// SPDX-License-Identifier: Apache-2.0
// How ranks fail together: one 4-byte reduction when all is well; else the first failing rank's error is
// told to all, of the same type and exit code.
#include <fmt/format.h>

#include "core/error.hpp"
#include "dist/communicator.hpp"
#include "dist/mpi_calls.hpp"

namespace tessera::dist {
namespace {

enum class Kind : std::int32_t { Input, Data, Other };

struct Told {
  Kind kind = Kind::Other;
  std::int32_t exit_code = core::kExitFailed;
  std::string text;
};

Told tell(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const core::InputError& error) {
    return {Kind::Input, error.exit_code(), error.what()};
  } catch (const core::DataError& error) {
    return {Kind::Data, error.exit_code(), error.what()};
  } catch (const std::exception& error) {
    return {Kind::Other, core::exit_code_of(error), error.what()};
  } catch (...) {
    return {Kind::Other, core::kExitFailed, "an exception of unknown type"};
  }
}

[[noreturn]] void raise(const Told& told) {
  if (told.kind == Kind::Input) throw core::InputError(told.text);
  if (told.kind == Kind::Data) throw core::DataError(told.text);
  if (told.exit_code == core::kExitFailed) throw core::ParallelError(told.text);
  throw core::Error(told.text, told.exit_code);
}

}  // namespace

void Communicator::agree(const std::exception_ptr& failure, std::string_view what, Patience patience) const {
  std::int32_t first = failure ? rank() : size();
  all_reduce_raw(&first, 1, Scalar::Int32, Reduce::Min, what, patience);
  if (first == size()) return;
  if (size() == 1) std::rethrow_exception(failure);

  Told told = rank() == first ? tell(failure) : Told{};
  if (rank() == first) told.text = fmt::format("{} (rank {} on {})", told.text, first, host_name());
  std::int32_t codes[] = {static_cast<std::int32_t>(told.kind), told.exit_code};
  broadcast(std::span<std::int32_t>(codes), what, first);
  told = {static_cast<Kind>(codes[0]), codes[1], broadcast_text(told.text, what, first)};
  if (failure) std::rethrow_exception(failure);
  raise(told);
}

}  // namespace tessera::dist
