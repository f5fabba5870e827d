// Sorting by indices, in one copy for all that is sorted here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sluice {

// Whether item `a` goes before item `b` of what `context` points to.
using Before = bool (*)(const void* context, uint32_t a, uint32_t b);

// Sorts `indices`; O(n log n) comparisons however they are ordered before.
void sort_indices(std::vector<uint32_t>& indices, const void* context, Before before);

// The numbers from 0 to count - 1, sorted.
[[nodiscard]] std::vector<uint32_t> sorted_indices(size_t count, const void* context, Before before);

}  // namespace sluice
