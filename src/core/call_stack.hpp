// SPDX-License-Identifier: Apache-2.0
// Where a thread stands that cannot say so itself, since it is in a loop or in a call that does not return:
// its call stack, taken by another thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace tessera::core {

/// Local. Makes the calling thread the one that watched_stack looks at, for good. Takes the real-time signal
/// SIGRTMIN + 7 for it, which interrupts no system call that can go on (SA_RESTART); where something else
/// has a handler for it, no stacks are taken. Reads the program's symbols now: later the file system may be
/// what hangs.
void watch_this_thread();

/// The functions that the watched thread is in, innermost first, without those that tell nothing. Waits up to
/// `seconds` for it; of a thread that takes no signal (in a system call that cannot be interrupted) a line of
/// what the kernel says. Empty where none is watched. For one other thread at a time.
std::vector<std::string> watched_stack(std::size_t max_frames, double seconds = 0.2);

}  // namespace tessera::core
