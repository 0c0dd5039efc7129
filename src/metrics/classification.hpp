// SPDX-License-Identifier: Apache-2.0
// How often predicted classes are the true ones. Everything is kept as whole counts: exact, and the same in
// whatever order, and by however many ranks, the predictions were made.
#pragma once

#include <cstdint>
#include <vector>

namespace tessera::metrics {

/// Shares of one, NaN where no record was counted.
struct ClassificationMetrics {
  std::int64_t records = 0;
  double accuracy = 0;
  double top5 = 0;
  double macro_f1 = 0;
};

/// One class: F1 is 2 TP / (2 TP + FP + FN); precision is 0 where the class was never predicted, recall 0
/// where it never occurs.
struct ClassScore {
  std::int64_t support = 0;  // records that truly are of this class
  std::int64_t predicted = 0;
  double precision = 0;
  double recall = 0;
  double f1 = 0;
};

class ClassificationCounts {
 public:
  explicit ClassificationCounts(int num_classes);

  /// One record; classes in [0, num_classes). `rank_of_target`: how many classes were held likelier than the
  /// true one.
  void add(int target, int prediction, int rank_of_target);

  int num_classes() const { return num_classes_; }
  std::int64_t confusion(int target, int prediction) const;
  /// One score for each class.
  std::vector<ClassScore> class_scores() const;
  /// macro_f1 is the plain mean over the classes that occur among targets or predictions, as scikit-learn's
  /// f1_score(average="macro") has it.
  ClassificationMetrics metrics() const;

 private:
  int num_classes_;
  std::vector<std::int64_t> counts_;  // (num_classes, num_classes) by target and prediction, then top-5 hits
};

}  // namespace tessera::metrics
