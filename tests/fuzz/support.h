// What the fuzz targets share: how a broken property is reported, and how an input is taken apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::fuzz {

// The property under test: says what was broken and aborts, which libFuzzer and the corpus's test both report
// with the input that led to it.
inline void demand(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", property);
  std::abort();
}

// Whether an independent reader takes `text` as JSON.
inline bool is_json(std::string_view text) { return nlohmann::json::accept(text); }

// The parts of `text` between `separator` bytes; one empty part where `text` is empty.
inline std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  for (;;) {
    const size_t at = text.find(separator);
    out.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return out;
    text.remove_prefix(at + 1);
  }
}

// Choices made from the input's bytes, in order; zeros once they are used up, so that every input is a
// complete list of choices and a shorter one makes the simpler ones.
class Choices {
 public:
  explicit Choices(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  [[nodiscard]] std::string_view rest() const { return bytes_; }

  uint8_t byte() {
    if (bytes_.empty()) return 0;
    const auto out = static_cast<uint8_t>(bytes_.front());
    bytes_.remove_prefix(1);
    return out;
  }
  // 0 to bound - 1, for a bound up to 256.
  size_t below(size_t bound) { return byte() % bound; }
  bool one_in(size_t n) { return below(n) == n - 1; }
  uint64_t bits(int bytes) {
    uint64_t out = 0;
    for (int i = 0; i < bytes; ++i) out = out << 8 | byte();
    return out;
  }
  // An integer of any size: often small, at times at an edge.
  int64_t integer() {
    switch (below(8)) {
      case 0:
        return static_cast<int64_t>(bits(8));
      case 1: {
        constexpr int64_t kEdges[] = {INT64_MIN,
                                      INT64_MAX,
                                      INT64_MAX - 1,
                                      -1,
                                      1LL << 53,
                                      -(1LL << 53),
                                      253402300799999,
                                      253402300800000,
                                      86400000,
                                      86400001,
                                      1800000000000,
                                      4294967296,
                                      2147483648,
                                      -2147483648LL,
                                      0};
        return kEdges[below(std::size(kEdges))];
      }
      case 2:
        return static_cast<int64_t>(bits(6));
      case 3:
        return static_cast<int64_t>(bits(2));
      default:
        return static_cast<int64_t>(below(12));
    }
  }
  // Up to `max` (at most 255) of the next bytes.
  std::string_view bytes(size_t max) {
    const size_t size = std::min(below(max + 1), bytes_.size());
    const std::string_view out = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return out;
  }
  // Text of up to `max` characters, some of them beyond ASCII or in need of an escape.
  std::string text(size_t max) {
    static constexpr const char* kOdd[] = {"\"", "\\", "\n", "\x01", "é", "€", "😀", "/", "~", "\x7f"};
    std::string out;
    for (size_t n = below(max + 1); n > 0; --n) {
      const uint8_t pick = byte();
      if (pick < 0xe0) {
        out.push_back(static_cast<char>(0x20 + pick % 95));
      } else {
        out.append(kOdd[pick % std::size(kOdd)]);
      }
    }
    return out;
  }

 private:
  std::string_view bytes_;
};

// `text` as a JSON string.
inline std::string quoted(std::string_view text) { return nlohmann::json(text).dump(); }

}  // namespace sluice::fuzz
