// SPDX-License-Identifier: Apache-2.0
#include "data/normaliser.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "core/error.hpp"
#include "data/made_records.hpp"

namespace tessera::data {
namespace {

using ::testing::HasSubstr;

std::vector<RecordRow> rows_of(const std::vector<double>& values) {
  std::vector<RecordRow> rows;
  for (double value : values) {
    RecordRow row;
    row.id = "mp-" + std::to_string(rows.size());
    row.targets = {value};
    rows.push_back(row);
  }
  return rows;
}

TEST(Normaliser, HasMeanAndDeviationOfTheTrainingRecords) {
  const auto rows = rows_of({2, 1000, 4, 9});
  const std::vector<std::int64_t> records{0, 2, 3};
  const auto fitted = fit_normaliser(rows, records, 0, Transform::None);
  EXPECT_DOUBLE_EQ(fitted.mean, 5);
  EXPECT_DOUBLE_EQ(fitted.deviation, std::sqrt(13.0));
}

TEST(Normaliser, DecodesWhatItEncodes) {
  const auto rows = rows_of({10, 100, 1000});
  const std::vector<std::int64_t> records{0, 1, 2};
  for (auto transform : {Transform::None, Transform::Log10}) {
    const auto fitted = fit_normaliser(rows, records, 0, transform);
    for (double value : {0.5, 10.0, 731.0})
      EXPECT_NEAR(fitted.decode(fitted.encode(value)), value, 1e-12 * value);
    EXPECT_EQ(transform_from_name(name_of(transform)), transform);
  }
  const auto log = fit_normaliser(rows, records, 0, Transform::Log10);
  EXPECT_DOUBLE_EQ(log.mean, 2);
  EXPECT_DOUBLE_EQ(log.deviation, 1);
  EXPECT_DOUBLE_EQ(log.encode(1000), 1);
}

TEST(Normaliser, DividesByOneWhereNothingVaries) {
  const std::vector<std::int64_t> two{0, 1}, one{0};
  EXPECT_EQ(fit_normaliser(rows_of({7, 7}), two, 0, Transform::None).deviation, 1);
  EXPECT_EQ(fit_normaliser(rows_of({7}), one, 0, Transform::None).deviation, 1);
}

TEST(Normaliser, RefusesNoRecordsAndUnknownTransforms) {
  const auto rows = rows_of({5});
  EXPECT_THAT(message_of<core::InputError>([&] { fit_normaliser(rows, {}, 0, Transform::None); }),
              HasSubstr("no training record"));
  EXPECT_THAT(message_of<core::InputError>([] { transform_from_name("ln"); }), HasSubstr("got \"ln\""));
}

}  // namespace
}  // namespace tessera::data
