#include "cli/line_chart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tandem::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(LineChart, HigherValuesAreHigherAndAllPointsAreInThePicture) {
  const std::string svg =
      line_chart({"Title", "k", "recall", {{"to <image>", {{10, 20}, {20, 40}, {50, 60}}}}});
  EXPECT_THAT(svg, HasSubstr("<figcaption>Title</figcaption>"));
  EXPECT_THAT(svg, HasSubstr("to &lt;image&gt;"));
  EXPECT_THAT(svg, Not(HasSubstr("<image>")));
  double last_x = 0;
  double last_y = 1e9;
  std::size_t dots = 0;
  for (std::size_t at = svg.find(" cx="); at != svg.npos; at = svg.find(" cx=", at + 1)) {
    const double x = std::stod(svg.substr(at + 5));
    const double y = std::stod(svg.substr(svg.find(" cy=", at) + 5));
    if (++dots > 3) break;  // the legend's
    EXPECT_GT(x, last_x);
    EXPECT_LT(y, last_y);
    EXPECT_LT(x, 480);
    EXPECT_GT(y, 0);
    last_x = x;
    last_y = y;
  }
  EXPECT_EQ(dots, 4u);
}

TEST(LineChart, EqualValuesAreALevelLine) {
  const std::string svg = line_chart({"Title", "k", "recall", {{"one", {{1, 0}, {1, 0}}}}});
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_THAT(svg, Not(HasSubstr("inf")));
}

TEST(LineChart, AnAxisDoesNotBeginBelowZeroWithoutValuesThere) {
  const auto lowest = [](double value) {
    const std::string svg = line_chart({"Title", "k", "loss", {{"one", {{1, value}, {2, 5}}}}});
    const std::string_view mark = "text-anchor=\"end\">";
    return std::stod(svg.substr(svg.find(mark) + mark.size()));
  };
  EXPECT_EQ(lowest(0.1), 0);
  EXPECT_EQ(lowest(0), 0);
  EXPECT_NEAR(lowest(4), 3.9, 0.05) << "not where it need not begin at zero";
  EXPECT_LT(lowest(-1), -1);
}

TEST(LineChart, AnAxisEndsAtItsLimit) {
  const std::string svg =
      line_chart({"Title", "p", "q", {{"one", {{0, 0}, {100, 100}}}}, {0, 100}, 100, 100});
  EXPECT_THAT(svg, HasSubstr("text-anchor=\"end\">100.0</text>"));
  EXPECT_THAT(svg, HasSubstr("cx=\"468\" cy=\"26\"")) << "the corner of the axes";
}

TEST(LineChart, StandsOnTheMarksThatWereAskedFor) {
  const std::string svg =
      line_chart({"Title", "p", "q", {{"one", {{0, 0}, {31.7, 1}, {100, 1}}}}, {0, 50, 100}});
  EXPECT_THAT(svg, HasSubstr("text-anchor=\"middle\">50</text>"));
  EXPECT_THAT(svg, Not(HasSubstr("text-anchor=\"middle\">31.7</text>")));
}

TEST(LineChart, NothingToDrawIsNoChart) {
  EXPECT_EQ(line_chart({"Title", "k", "recall", {}}), "");
  EXPECT_EQ(line_chart({"Title", "k", "recall", {{"empty", {}}}}), "");
}

}  // namespace
}  // namespace tandem::cli
