// SPDX-License-Identifier: Apache-2.0
// The message of what `work` throws, for tests that read it; fails when nothing, or another type, is thrown.
#pragma once

#include <gtest/gtest.h>

#include <string>

namespace tessera::test {

template <typename ErrorType, typename Work>
std::string message_of(Work&& work) {
  try {
    work();
  } catch (const ErrorType& error) {
    return error.what();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "another type was thrown: " << error.what();
    return "";
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

}  // namespace tessera::test
