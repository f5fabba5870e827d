// Decimal numbers as doubles, correctly rounded, by integer arithmetic alone: the same bits natively and in
// WASM, without the C library's 128-bit floating point (7 KB of the module).
#pragma once

#include <cstddef>
#include <string_view>

namespace sluice {

// Longest literal that decimal_to_double takes, in bytes.
inline constexpr size_t kDecimalBytesMax = 1'000;

// The double that is nearest to `literal`, a JSON number of at most kDecimalBytesMax bytes; of two that are
// as near, the even one. Infinite where the magnitude rounds beyond the largest double, 0 (or -0) where it
// rounds to nothing.
[[nodiscard]] double decimal_to_double(std::string_view literal);

}  // namespace sluice
