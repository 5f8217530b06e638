#include "image/size_rule.h"

#include <algorithm>
#include <cmath>

#include "core/fail.h"

namespace tandem::image {
namespace {

std::size_t cut_off(double length) { return static_cast<std::size_t>(length); }

// The size whose short side is `edge` and whose long side is `long_side`, lying as `picture` lies.
Size oriented(Size picture, std::size_t edge, std::size_t long_side) {
  return picture.width <= picture.height ? Size{edge, long_side} : Size{long_side, edge};
}

Size shortest_edge(const ResizeTarget& target, Size picture) {
  const auto shorter = static_cast<double>(std::min(picture.width, picture.height));
  const auto longer = static_cast<double>(std::max(picture.width, picture.height));
  const auto edge = static_cast<double>(target.shortest_edge);
  const auto limit = static_cast<double>(target.longest_edge);
  if (target.longest_edge == 0)
    return oriented(picture, target.shortest_edge, cut_off(edge * longer / shorter));
  if (longer / shorter * edge <= limit) {
    if (shorter == edge) return picture;
    return oriented(picture, target.shortest_edge, cut_off(edge * longer / shorter));
  }
  // The long side rules. The reference rounds the short one, half to even, but takes the long one from
  // the value before rounding.
  const double bounded = limit * shorter / longer;
  const auto rounded = cut_off(std::nearbyint(bounded));
  if (shorter == static_cast<double>(rounded)) return picture;
  return oriented(picture, rounded, cut_off(bounded * longer / shorter));
}

// Of the long side: it may have the ratio to the short one that 1333 has to 800, a bound made for COCO.
double longest_side(const ResizeTarget& target) {
  return std::trunc(1333.0 / 800.0 * static_cast<double>(target.shortest_edge));
}

Size multiple_of_side(const ResizeTarget& target, Size picture) {
  const double limit = longest_side(target);
  const auto edge = static_cast<double>(target.shortest_edge);
  const double scale = edge / static_cast<double>(std::min(picture.width, picture.height));
  double width = edge;
  double height = edge;
  if (picture.height < picture.width) {
    width = scale * static_cast<double>(picture.width);
  } else {
    height = scale * static_cast<double>(picture.height);
  }
  if (std::max(width, height) > limit) {
    const double shrink = limit / std::max(width, height);
    width *= shrink;
    height *= shrink;
  }
  return {cut_off(width + 0.5) / target.divisor * target.divisor,
          cut_off(height + 0.5) / target.divisor * target.divisor};
}

Size fit_inside(const ResizeTarget& target, Size picture) {
  const auto width = static_cast<double>(picture.width);
  const auto height = static_cast<double>(picture.height);
  const double scale =
      std::min(static_cast<double>(target.height) / height, static_cast<double>(target.width) / width);
  return {cut_off(width * scale), cut_off(height * scale)};
}

}  // namespace

Size resized_size(const ResizeTarget& target, Size picture) {
  switch (target.rule) {
    case SizeRule::kExact:
      return {target.width, target.height};
    case SizeRule::kShortestEdge:
      return shortest_edge(target, picture);
    case SizeRule::kMultipleOfSide:
      return multiple_of_side(target, picture);
    case SizeRule::kFitInside:
      return fit_inside(target, picture);
  }
  fail(ErrorCode::kInvalidArgument, "preprocessing: unknown size rule {}", static_cast<int>(target.rule));
}

Size largest_size(const ResizeTarget& target) {
  if (target.rule != SizeRule::kMultipleOfSide) {
    fail(ErrorCode::kInvalidArgument, "preprocessing: size rule {} has no largest size",
         static_cast<int>(target.rule));
  }
  return multiple_of_side(target, {cut_off(longest_side(target)), target.shortest_edge});
}

}  // namespace tandem::image
