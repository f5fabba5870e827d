// What the writer writes, the reader reads back: random trees, and times in any offset.
#include <nlohmann/json.hpp>

#include "core/clock.h"
#include "tests/core/json_oracle.h"
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;
using sluice::json::oracle::Tree;

namespace {

std::string any_text(Entropy& dice) {
  static constexpr const char* kOdd[] = {"\"", "\\",     "\n", "\t", "\x1f", "\x7f",
                                         "é",  "\u2028", "€",  "😀",  "/"};
  std::string out;
  for (uint64_t n = dice.below(12); n > 0; --n) {
    if (dice.below(3) == 0) {
      out += kOdd[dice.below(std::size(kOdd))];
    } else {
      out.push_back(static_cast<char>(0x20 + dice.below(95)));
    }
  }
  if (dice.below(20) == 0) out.push_back('\0');
  return out;
}

int64_t any_integer(Entropy& dice) {
  if (dice.below(2) == 0) return static_cast<int64_t>(dice.below(200)) - 100;
  return static_cast<int64_t>(dice.next());
}

// Writes a random value and returns what it stands for.
Tree write_any(json::Writer& writer, Entropy& dice, int depth) {
  switch (dice.below(depth < 6 ? 7 : 4)) {
    case 0:
      writer.null();
      return nullptr;
    case 1: {
      const bool truth = dice.below(2) == 0;
      writer.boolean(truth);
      return truth;
    }
    case 2: {
      const int64_t n = any_integer(dice);
      writer.integer(n);
      return n;
    }
    case 3: {
      const std::string text = any_text(dice);
      writer.string(text);
      return text;
    }
    case 4:
    case 5: {
      Tree out = Tree::array();
      writer.begin_array();
      for (uint64_t n = dice.below(5); n > 0; --n) out.push_back(write_any(writer, dice, depth + 1));
      writer.end_array();
      return out;
    }
    default: {
      Tree out = Tree::object();
      writer.begin_object();
      for (uint64_t n = dice.below(5); n > 0; --n) {
        const std::string key = any_text(dice);
        if (out.contains(key)) continue;
        writer.key(key);
        out[key] = write_any(writer, dice, depth + 1);
      }
      writer.end_object();
      return out;
    }
  }
}

// A time written with another offset and, now and then, a longer fraction.
std::string elsewhere(int64_t at, Entropy& dice) {
  const auto minutes = static_cast<int64_t>(dice.below(24 * 60)) * (dice.below(2) == 0 ? 1 : -1);
  std::string text = rfc3339(at + minutes * 60'000);
  text.pop_back();
  if (dice.below(2) == 0) text += std::to_string(dice.below(1000));
  if (dice.below(3) == 0) text[10] = 't';
  const int64_t size = minutes < 0 ? -minutes : minutes;
  const auto two = [](int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return text + (minutes < 0 ? "-" : "+") + two(size / 60) + ":" + two(size % 60);
}

}  // namespace

TEST_CASE("Whatever is written is read back, by us and by another reader", "[json][writer][property]") {
  const int seed = GENERATE(range(1, 11));
  Entropy dice(static_cast<uint64_t>(seed), 71);
  for (int i = 0; i < 500; ++i) {
    std::string text;
    json::Writer writer(text);
    const Tree tree = write_any(writer, dice, 0);
    INFO("seed " << seed << " case " << i << " " << text);
    REQUIRE(json::oracle::tree_of(text) == tree);
    json::Document document;
    REQUIRE_FALSE(static_cast<bool>(document.parse(text)));
    REQUIRE(json::oracle::tree_of(document.root()) == tree);
    REQUIRE(json::oracle::raw_texts_agree(document.root()));
    REQUIRE(document.root().raw() == text);
  }
}

TEST_CASE("A time is the same in every offset", "[clock][property]") {
  const int seed = GENERATE(range(1, 5));
  Entropy dice(static_cast<uint64_t>(seed), 72);
  constexpr int64_t kDay = 86'400'000;
  for (int i = 0; i < 5000; ++i) {
    const int64_t at = kDay + static_cast<int64_t>(dice.below(static_cast<uint64_t>(kTimeMsMax - 2 * kDay)));
    const std::string text = elsewhere(at, dice);
    INFO("seed " << seed << " " << at << " " << text);
    REQUIRE(parse_rfc3339(text) == at);
  }
}
