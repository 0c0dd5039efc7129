// SPDX-License-Identifier: Apache-2.0
#include "train/trainer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "core/clock.hpp"
#include "core/log.hpp"
#include "data/ledger.hpp"
#include "data/sampler.hpp"
#include "dist/stop_request.hpp"
#include "train/checkpoint.hpp"
#include "train/checkpoint_writer.hpp"
#include "train/divergence.hpp"
#include "train/evaluate.hpp"
#include "train/gradient_step.hpp"
#include "train/model_state.hpp"
#include "train/resume.hpp"
#include "train/schedule.hpp"
#include "train/section_clock.hpp"
#include "train/step_trace.hpp"
#include "train/training_log.hpp"
#include "train/weights.hpp"

namespace tessera::train {
namespace {

class TrainingLoop {
 public:
  explicit TrainingLoop(const TrainingParts& parts);
  TrainingResult run();

 private:
  void resume();
  // What decides which samples a step takes.
  void note_samples(TrainingState& state) const;
  ModelParts model() { return {parts_.network, parameters_, *optimizer_, average_}; }
  void open_logs();
  void run_epoch();
  data::Cursor cursor() const { return {state_.epoch, state_.step_in_epoch}; }
  void update(std::span<const std::int64_t> batch);
  void validate_and_log();
  bool is_better(double metric) const;
  // Of what the configuration asks now: a finished run goes on when it is given more epochs.
  bool finished() const;
  bool must_stop() const { return stop_ != dist::Stop::None; }
  void save(bool is_best);
  /// Collective. Raises, on every rank, what a checkpoint's write failed with.
  void finish_checkpoints();
  /// Collective. What one rank asks for, all do.
  void agree_on_requests();
  void end_trace();
  TrainingResult result();

  const TrainingParts& parts_;
  const TrainOptions& options_;
  data::Sampler sampler_;
  NamedParameters parameters_;
  std::vector<torch::Tensor> parameter_tensors_;
  std::vector<ParameterGroup> rate_groups_;
  std::unique_ptr<torch::optim::Optimizer> optimizer_;
  std::optional<AveragedWeights> average_;
  Schedule schedule_;
  std::unique_ptr<dist::TensorCommunicator> tensor_comm_;
  std::unique_ptr<dist::GradientReducer> reducer_;
  SectionClock clock_;
  std::unique_ptr<GradientStep> step_;
  std::optional<StepTrace> trace_;
  TrainingState state_;
  std::unique_ptr<TrainingLog> log_;
  std::unique_ptr<data::Ledger> ledger_;
  std::unique_ptr<CheckpointWriter>
      checkpoints_;  // of the rank that writes; its thread ends before the ledger
  core::Stopwatch since_start_, since_checkpoint_;
  double seconds_before_ = 0;
  std::int64_t samples_here_ = 0, steps_here_ = 0;
  bool resumed_ = false;
  std::optional<dist::JobEnd> job_end_;
  dist::Stop stop_ = dist::Stop::None;
  bool checkpoint_due_ = false, halted_ = false;
};

TrainingLoop::TrainingLoop(const TrainingParts& parts)
    : parts_(parts),
      options_(parts.config.train),
      sampler_(parts.splits.train, options_.global_batch, options_.seed),
      parameters_(trained_parameters(parts.network)),
      rate_groups_(group_by_rate(parameters_,
                                 [&](const auto& name) { return parts.network.learning_rate_factor(name); })),
      optimizer_(make_optimizer(options_.optimizer, rate_groups_)),
      schedule_({.name = options_.schedule,
                 .learning_rate = options_.learning_rate,
                 .steps_per_epoch = sampler_.steps_per_epoch(),
                 .epochs = options_.epochs,
                 .warmup_epochs = options_.warmup_epochs,
                 .step_epochs = options_.step_epochs,
                 .step_factor = options_.step_factor,
                 .plateau_patience = options_.plateau_patience}) {
  clock_ = parts.clock;
  for (const auto& [name, tensor] : parameters_) parameter_tensors_.push_back(tensor);
  if (options_.ema > 0) average_.emplace(parts.network, options_.ema);
  resume();

  const StepOptions step_options{.seed = options_.seed,
                                 .accumulation = options_.accumulation,
                                 .virtual_shards = options_.virtual_shards,
                                 .bf16 = options_.precision == "bf16"};
  if (options_.reproducible) {
    step_ = make_reproducible_step(parts.network, parts.task, parts.feed, parts.comm, clock_, step_options);
  } else {
    tensor_comm_ = std::make_unique<dist::TensorCommunicator>(parts.comm, parts.device);
    // All of them: what is not trained must be the same on every rank too.
    NamedParameters all;
    for (const auto& parameter : parts.network.named_parameters())
      all.emplace_back(parameter.key(), parameter.value());
    reducer_ = std::make_unique<dist::GradientReducer>(*tensor_comm_, all);
    step_ = make_overlapped_step(parts.network, parts.task, parts.feed, parts.comm, *reducer_, clock_,
                                 step_options);
  }
}

void TrainingLoop::resume() {
  const auto& folder = parts_.config.run_folder;
  auto point = find_resume_point(folder, parts_.comm);
  if (!point) return;
  parts_.comm.together("go on from the checkpoint", [&] {
    TrainingState now;
    note_samples(now);
    check_same_samples(*point, now, folder);
    load_model(point->state, (folder / "checkpoints" / point->name).string(), model());
  });
  state_ = std::move(point->state);
  schedule_.state = state_.schedule;
  seconds_before_ = state_.seconds;
  resumed_ = true;
  core::log::info("going on from checkpoint {}: epoch {}, step {}", point->name, state_.epoch + 1,
                  state_.step);
}

void TrainingLoop::note_samples(TrainingState& state) const {
  state.global_batch = options_.global_batch;
  state.seed = options_.seed;
  state.steps_per_epoch = sampler_.steps_per_epoch();
}

void TrainingLoop::open_logs() {
  parts_.comm.together("open the logs", [&] {
    log_ = std::make_unique<TrainingLog>(
        TrainingLogOptions{.folder = parts_.config.run_folder,
                           .metric_names = parts_.task.metric_names(),
                           .total_steps = options_.epochs * sampler_.steps_per_epoch(),
                           .total_epochs = options_.epochs,
                           .step = state_.step,
                           .resumed = resumed_,
                           .is_root = parts_.comm.is_root(),
                           .show_progress = parts_.show_progress});
    if (!parts_.comm.is_root()) return;
    ledger_ = std::make_unique<data::Ledger>(parts_.config.run_folder / "ledger.csv", cursor());
    checkpoints_ =
        std::make_unique<CheckpointWriter>(parts_.config.run_folder, parts_.config.checkpoint.keep);
  });
}

TrainingResult TrainingLoop::run() {
  if (finished()) return result();
  parts_.on_start();
  state_.weights.clear();  // the network and the optimiser have them
  state_.state.clear();
  open_logs();
  since_start_.restart();
  since_checkpoint_.restart();
  job_end_ = dist::JobEnd::of_this_job();
  clock_.lap(Section::Setup);
  if (options_.trace_steps > 0)
    trace_.emplace(parts_.config.run_folder, parts_.comm, clock_, options_.trace_steps);
  while (!finished() && !must_stop() && !halted_) run_epoch();
  finish_checkpoints();
  end_trace();  // of a start shorter than it
  log_->finish(state_.step);
  return result();
}

void TrainingLoop::run_epoch() {
  const std::int64_t num_steps = sampler_.steps_per_epoch();
  while (state_.step_in_epoch < num_steps) {
    update(sampler_.batch(cursor()));
    agree_on_requests();
    if (state_.step_in_epoch == num_steps) break;  // the epoch's end is saved whole, below
    if (must_stop() || checkpoint_due_) save(false);
    if (must_stop()) return;
  }
  validate_and_log();
}

void TrainingLoop::update(std::span<const std::int64_t> batch) {
  set_learning_rate(*optimizer_, rate_groups_, schedule_.rate(state_.step));
  clock_.lap(Section::Other);
  const double loss = step_->run(state_.step, batch);
  const double clip =
      options_.gradient_clip > 0 ? options_.gradient_clip : std::numeric_limits<double>::infinity();
  const double norm = torch::nn::utils::clip_grad_norm_(parameter_tensors_, clip);
  if (!std::isfinite(loss) || !std::isfinite(norm))
    fail_on_divergence(parts_, parameters_, state_, loss, batch);
  if (ledger_) ledger_->add(cursor(), batch);
  optimizer_->step();
  if (average_) average_->update(state_.step);
  clock_.lap(Section::Optimizer);

  const auto samples = static_cast<std::int64_t>(batch.size());
  state_.step += 1;
  state_.step_in_epoch += 1;
  state_.epoch_loss_sum += loss * static_cast<double>(samples);
  state_.epoch_samples += static_cast<double>(samples);
  samples_here_ += samples;
  steps_here_ += 1;
  log_->step(state_.step, state_.epoch, loss, norm);
}

void TrainingLoop::validate_and_log() {
  clock_.lap(Section::Other);
  if (average_) average_->swap();
  const auto predictions = predict(parts_.network, parts_.task, parts_.feed, parts_.splits.validation,
                                   options_.global_batch, options_.precision == "bf16", parts_.comm);
  if (average_) average_->swap();
  const NamedValues metrics = parts_.task.metrics(predictions);
  clock_.lap(Section::Evaluation);

  double selection = std::numeric_limits<double>::quiet_NaN();
  for (const auto& [name, value] : metrics)
    if (name == parts_.task.selection_metric()) selection = value;
  const bool better = is_better(selection);
  const double rate = schedule_.rate(state_.step - 1);  // the one just used: a plateau changes it below
  schedule_.observe(better);
  state_.epochs_without_gain = better ? 0 : state_.epochs_without_gain + 1;
  if (better) {
    state_.best_metric = selection;
    state_.best_epoch = state_.epoch + 1;
  }
  const double train_loss = state_.epoch_loss_sum / state_.epoch_samples;
  state_.epoch += 1;
  state_.step_in_epoch = 0;
  state_.epoch_loss_sum = state_.epoch_samples = 0;

  log_->epoch({.epoch = state_.epoch,
               .step = state_.step,
               .seconds = seconds_before_ + since_start_.seconds(),
               .learning_rate = rate,
               .train_loss = train_loss},
              metrics);
  core::log::debug("epoch {}: loss {:.5g}, validation {} {:.5g}{}", state_.epoch, train_loss,
                   parts_.task.selection_metric(), selection, better ? " (best)" : "");
  halted_ = !parts_.after_epoch({state_.epoch, metrics, state_.best_metric});
  if (better || finished() || must_stop() || halted_ || checkpoint_due_ ||
      state_.epoch % parts_.config.checkpoint.every_epochs == 0)
    save(better);
}

bool TrainingLoop::finished() const {
  const bool patience_over =
      options_.early_stop_patience > 0 && state_.epochs_without_gain >= options_.early_stop_patience;
  return state_.epoch >= options_.epochs || patience_over;
}

bool TrainingLoop::is_better(double metric) const {
  if (std::isnan(metric)) return false;
  if (std::isnan(state_.best_metric)) return true;
  return parts_.task.higher_is_better() ? metric > state_.best_metric : metric < state_.best_metric;
}

void TrainingLoop::save(bool is_best) {
  clock_.lap(Section::Other);
  parts_.comm.together("save a checkpoint", [&] {
    if (!parts_.comm.is_root()) return;
    state_.seconds = seconds_before_ + since_start_.seconds();
    state_.schedule = schedule_.state;
    note_samples(state_);
    TrainingState copy = state_;
    store_model(model(), copy);
    checkpoints_->write(std::move(copy), is_best, [this] { ledger_->sync(); });
  });
  since_checkpoint_.restart();
  clock_.lap(Section::Checkpoint);
}

void TrainingLoop::finish_checkpoints() {
  clock_.lap(Section::Other);
  parts_.comm.together("save a checkpoint", [&] {
    if (checkpoints_) checkpoints_->finish();
  });
  clock_.lap(Section::Checkpoint);
}

void TrainingLoop::agree_on_requests() {
  const double limit = options_.time_limit_minutes * 60;
  if (checkpoints_) job_end_->saved(checkpoints_->slowest_seconds());
  dist::Stop wanted = dist::stop_asked();
  if (job_end_->is_near_after_step()) wanted = std::max(wanted, dist::Stop::SaveAndRequeue);
  if (limit > 0 && since_start_.seconds() > limit) wanted = dist::Stop::Save;
  const double every = parts_.config.checkpoint.every_minutes * 60;
  std::array<std::int32_t, 3> requests{static_cast<std::int32_t>(wanted),
                                       every > 0 && since_checkpoint_.seconds() > every,
                                       checkpoints_ && checkpoints_->has_failed()};
  clock_.lap(Section::Other);
  parts_.comm.all_reduce(std::span<std::int32_t>(requests), dist::Reduce::Max,
                         "stop and checkpoint requests");
  clock_.lap(Section::Imbalance);
  stop_ = static_cast<dist::Stop>(requests[0]);
  checkpoint_due_ = requests[1] != 0;
  if (requests[2] != 0) finish_checkpoints();  // soon, and not only when the next one is due
  if (trace_ && trace_->ended_step(reducer_ ? &reducer_->trace() : nullptr)) end_trace();
}

void TrainingLoop::end_trace() {
  if (trace_) trace_->write();
  trace_.reset();
}

TrainingResult TrainingLoop::result() {
  TrainingResult result;
  if (!finished())
    result.outcome = halted_ ? Outcome::Halted : Outcome::StoppedInTime;
  else if (state_.epoch < options_.epochs)
    result.outcome = Outcome::StoppedEarly;
  result.stop = stop_;
  result.epochs = state_.epoch;
  result.best_epoch = state_.best_epoch;
  result.metric = parts_.task.selection_metric();
  result.best_metric = state_.best_metric;
  result.seconds = seconds_before_;
  result.steps = steps_here_;
  result.samples = samples_here_;
  if (steps_here_ == 0) {
    result.weights_sha256 = models::sha256_of(state_.weights);
    return result;
  }
  result.weights_sha256 =
      parts_.comm.broadcast_text(checkpoints_ ? checkpoints_->weights_sha256() : "", "hash of the weights");

  const double here = since_start_.seconds();
  result.seconds += here;
  result.samples_per_second = static_cast<double>(samples_here_) / here;
  clock_.lap(Section::Other);
  const SectionSeconds& mine = clock_.seconds();
  const auto all = parts_.comm.all_gather(std::span<const double>(mine), "seconds of the ranks");
  result.rank_seconds.resize(static_cast<std::size_t>(parts_.comm.size()));
  for (std::size_t i = 0; i < all.size(); ++i) result.rank_seconds[i / mine.size()][i % mine.size()] = all[i];
  return result;
}

}  // namespace

TrainingResult train(const TrainingParts& parts) {
  return TrainingLoop(parts).run();
}

}  // namespace tessera::train
