#include "core/order.h"

#include <algorithm>

namespace sluice {

void sort_indices(std::vector<uint32_t>& indices, const void* context, Before before) {
  // By a heap: std::sort of some libraries is quadratic for an order that a caller may choose.
  const auto less = [=](uint32_t a, uint32_t b) { return before(context, a, b); };
  std::make_heap(indices.begin(), indices.end(), less);
  std::sort_heap(indices.begin(), indices.end(), less);
}

std::vector<uint32_t> sorted_indices(size_t count, const void* context, Before before) {
  std::vector<uint32_t> out(count);
  for (size_t n = 0; n < count; ++n) out[n] = static_cast<uint32_t>(n);
  sort_indices(out, context, before);
  return out;
}

}  // namespace sluice
