// Sorting by indices.
#include "core/order.h"

#include <catch2/catch.hpp>

#include "core/entropy.h"

using namespace sluice;

namespace {

std::vector<uint32_t> order_of(const std::vector<int>& items) {
  return sorted_indices(items.size(), &items, [](const void* context, uint32_t a, uint32_t b) {
    const auto& all = *static_cast<const std::vector<int>*>(context);
    return all[a] != all[b] ? all[a] < all[b] : a < b;
  });
}

}  // namespace

TEST_CASE("Indices come in the order of what they point to", "[order]") {
  CHECK(order_of({}).empty());
  CHECK(order_of({7}) == std::vector<uint32_t>{0});
  CHECK(order_of({3, 1, 2, 1}) == std::vector<uint32_t>{1, 3, 2, 0});
}

TEST_CASE("Many indices are all there, and sorted", "[order]") {
  Entropy dice(1, 1);
  std::vector<int> items(5000);
  for (int& item : items) item = static_cast<int>(dice.below(1000));
  const std::vector<uint32_t> order = order_of(items);
  std::vector<bool> seen(items.size(), false);
  for (size_t n = 0; n < order.size(); ++n) {
    CHECK_FALSE(seen[order[n]]);
    seen[order[n]] = true;
    if (n > 0) CHECK(items[order[n - 1]] <= items[order[n]]);
  }
}

TEST_CASE("No order of the items makes sorting slow", "[order]") {
  struct Counted {
    std::vector<int> items;
    mutable int64_t comparisons = 0;
  };
  constexpr int kCount = 4096;
  for (int shape = 0; shape < 3; ++shape) {
    Counted counted{std::vector<int>(kCount)};
    for (int n = 0; n < kCount; ++n) counted.items[n] = shape == 0 ? n : shape == 1 ? -n : n % 2;
    (void)sorted_indices(kCount, &counted, [](const void* context, uint32_t a, uint32_t b) {
      const auto& all = *static_cast<const Counted*>(context);
      ++all.comparisons;
      return all.items[a] < all.items[b];
    });
    CHECK(counted.comparisons < 3 * kCount * 12);
  }
}
