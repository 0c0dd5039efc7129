// SPDX-License-Identifier: Apache-2.0
#include "dist/request_service.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "dist/mpi_calls.hpp"
#include "dist/watchdog.hpp"

namespace tessera::dist {
namespace {

enum Tag { kQuestion = 1, kAnswer = 2 };
constexpr auto kNap = std::chrono::microseconds(500);

void send(const std::string& text, int to, Tag tag, MPI_Comm comm) {
  MPI_Request request = MPI_REQUEST_NULL;
  check_mpi(MPI_Isend(text.data(), to_int(std::ssize(text)), MPI_CHAR, to, tag, comm, &request), "MPI_Isend",
            "a question or its answer");
  wait_for(request, "a question or its answer");
}

std::string refusal(const std::exception& error) {
  return "-" + std::to_string(core::exit_code_of(error)) + " " + error.what();
}

}  // namespace

// A message that has come, if any.
std::optional<RequestService::Message> RequestService::receive(int from, int tag) const {
  int has_come = 0;
  MPI_Message handle = MPI_MESSAGE_NULL;
  MPI_Status status;
  check_mpi(MPI_Improbe(from, tag, comm_.mpi(), &has_come, &handle, &status), "MPI_Improbe", "questions");
  if (!has_come) return std::nullopt;
  int bytes = 0;
  check_mpi(MPI_Get_count(&status, MPI_CHAR, &bytes), "MPI_Get_count", "questions");
  Message message{status.MPI_SOURCE, std::string(static_cast<std::size_t>(bytes), '\0')};
  check_mpi(MPI_Mrecv(message.text.data(), bytes, MPI_CHAR, &handle, &status), "MPI_Mrecv", "questions");
  return message;
}

RequestService::RequestService(const Communicator& comm, RequestHandler handler)
    : comm_(comm.duplicate()), handler_(std::move(handler)) {
  if (comm_.size() > 1) {
    int level = MPI_THREAD_SINGLE;
    MPI_Query_thread(&level);
    if (level < MPI_THREAD_MULTIPLE)
      throw core::ParallelError(
          "ranks that ask one another while they work need an MPI with MPI_THREAD_MULTIPLE; this one was "
          "built without. Take another MPI, or start one rank alone.");
  }
  if (comm_.is_root()) thread_ = std::thread([this] { serve(); });
}

RequestService::~RequestService() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void RequestService::close() {
  comm_.agree(nullptr, "the last question", Patience::Unlimited);
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

// The first character of an answer: '+', or '-' before an error's exit code and text.
std::vector<std::string> RequestService::answer(const std::vector<Message>& questions) const {
  const std::lock_guard lock(answering_);
  std::vector<std::string> answers;
  try {
    handler_.together([&] {
      for (const auto& [rank, question] : questions) try {
          answers.push_back("+" + handler_.answer(rank, question));
        } catch (const std::exception& error) {
          answers.push_back(refusal(error));
        }
    });
  } catch (const std::exception& error) {
    answers.assign(questions.size(), refusal(error));
  }
  return answers;
}

std::string RequestService::ask(const std::string& question) const {
  std::string reply;
  if (comm_.is_root()) {
    reply = answer({{0, question}}).front();
  } else {
    const auto guard = comm_.in_flight(0, "an answer", Patience::Unlimited);
    send(question, 0, kQuestion, comm_.mpi());
    std::optional<Message> message;
    while (!(message = receive(0, kAnswer))) std::this_thread::sleep_for(kNap);
    reply = std::move(message->text);
  }
  if (reply.front() == '+') return reply.substr(1);
  const auto space = reply.find(' ');
  throw core::Error(reply.substr(space + 1), std::stoi(reply.substr(1, space - 1)));
}

void RequestService::serve() {
  core::Stopwatch since_tick;
  try {
    while (!stopping_) {
      if (since_tick.seconds() >= handler_.tick_seconds) {
        since_tick.restart();
        const std::lock_guard lock(answering_);
        handler_.tick();
      }
      std::vector<Message> questions;  // at most one of a rank
      while (auto question = comm_.size() > 1 ? receive(MPI_ANY_SOURCE, kQuestion) : std::nullopt)
        questions.push_back(std::move(*question));
      if (questions.empty()) std::this_thread::sleep_for(kNap);
      const auto answers = questions.empty() ? std::vector<std::string>() : answer(questions);
      for (std::size_t i = 0; i < answers.size(); ++i)
        send(answers[i], questions[i].rank, kAnswer, comm_.mpi());
    }
  } catch (const std::exception& error) {
    core::log::error("the thread that answers other ranks failed: {}", error.what());
    end_job();
  }
}

}  // namespace tessera::dist
