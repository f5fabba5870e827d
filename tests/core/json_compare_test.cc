// Equality and order of JSON values, and the search for repeats.
#include "core/json_compare.h"

#include <catch2/catch.hpp>
#include <string>

namespace {

using sluice::json::Document;

int order(const std::string& a, const std::string& b) {
  Document left;
  Document right;
  REQUIRE(!left.parse(a));
  REQUIRE(!right.parse(b));
  const int result = compare(left.root(), right.root());
  return result < 0 ? -1 : result > 0 ? 1 : 0;
}

}  // namespace

TEST_CASE("Values that JSON Schema calls equal compare as equal", "[json_compare]") {
  const char* pairs[][2] = {
      {"1", "1.0"},
      {"1", "10e-1"},
      {"0", "-0"},
      {"0", "-0.0"},
      {"100000000000000000000", "1e20"},
      {"9223372036854775807", "9223372036854775807"},
      {"-9223372036854775808", "-9223372036854775808.0"},
      {R"("a")", R"("\u0061")"},
      {"[1, [2]]", "[1.0,[2]]"},
      {R"({"a":1,"b":[2]})", R"({"b":[2e0],"\u0061":1})"},
      {"{}", "{ }"},
  };
  for (const auto& pair : pairs) {
    CAPTURE(pair[0], pair[1]);
    CHECK(order(pair[0], pair[1]) == 0);
    CHECK(order(pair[1], pair[0]) == 0);
  }
}

TEST_CASE("Different values have one order, and it is transitive", "[json_compare]") {
  // In ascending order; each is compared with all that follow.
  const char* ascending[] = {
      "null",
      "false",
      "true",
      "-1e300",
      "-9223372036854775809e1",
      "-9223372036854775808",
      "-1.5",
      "-1",
      "-0.5",
      "0",
      "5e-324",
      "0.5",
      "1",
      "1.5",
      "9007199254740992",
      "9007199254740993",
      "9223372036854775807",
      "9223372036854775808",
      "1e300",
      R"("")",
      R"("0")",
      R"("a")",
      R"("a\u0000")",
      R"("ab")",
      R"("b")",
      R"("é")",
      "[]",
      "[0]",
      R"(["0"])",
      "[[]]",
      "[0,0]",
      "[0,1]",
      "{}",
      R"({"a":1})",
      R"({"a":2})",
      R"({"b":1})",
      R"({"b":1,"a":0})",
      R"({"a":0,"c":0})",
  };
  for (size_t a = 0; a < std::size(ascending); ++a) {
    for (size_t b = a + 1; b < std::size(ascending); ++b) {
      CAPTURE(ascending[a], ascending[b]);
      CHECK(order(ascending[a], ascending[b]) == -1);
      CHECK(order(ascending[b], ascending[a]) == 1);
    }
  }
}

TEST_CASE("Numbers know whether they are whole", "[json_compare]") {
  using sluice::json::Number;
  CHECK(Number::of(int64_t{5}).whole());
  CHECK(Number::of(5.0).exact);
  CHECK(Number::of(1e300).whole());
  CHECK_FALSE(Number::of(1e300).exact);
  CHECK_FALSE(Number::of(0.5).whole());
  CHECK(Number::of(-9223372036854775808.0).integer == INT64_MIN);
  CHECK_FALSE(Number::of(9223372036854775808.0).exact);
}

TEST_CASE("Repeats are found in arrays of every kind", "[json_compare]") {
  const auto repeats = [](const std::string& text) {
    Document document;
    REQUIRE(!document.parse(text));
    return sluice::json::has_repeats(document.root());
  };
  CHECK_FALSE(repeats("[]"));
  CHECK_FALSE(repeats("[1]"));
  CHECK_FALSE(repeats(R"([0,false,"",null,[],{},"0",[0],{"":0}])"));
  CHECK(repeats("[3,1,2,3.0]"));
  CHECK(repeats("[null,1,null]"));
  CHECK(repeats(R"([{"a":[1,{"b":2,"c":3}]},0,{"a":[1,{"c":3,"b":2}]}])"));
}
