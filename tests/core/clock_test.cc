// RFC 3339 times: there and back, and what is none.
#include "core/clock.h"

#include "core/entropy.h"
#include "tests/core/world.h"

using namespace sluice;

TEST_CASE("Every time comes back from its text, and texts sort as times do", "[clock]") {
  Entropy dice(1, 1);
  std::string before_text;
  int64_t before = 0;
  for (int i = 0; i < 50000; ++i) {
    const auto at = static_cast<int64_t>(dice.below(253402300800000));
    const std::string text = rfc3339(at);
    CHECK(text.size() == 24);
    CHECK(parse_rfc3339(text) == at);
    if (i > 0) CHECK((text < before_text) == (at < before));
    before = at;
    before_text = text;
  }
}

TEST_CASE("Known times read and write as they are known", "[clock]") {
  CHECK(rfc3339(0) == "1970-01-01T00:00:00.000Z");
  CHECK(rfc3339(951782400000) == "2000-02-29T00:00:00.000Z");
  CHECK(rfc3339(4107542399999) == "2100-02-28T23:59:59.999Z");
  CHECK(rfc3339(253402300799999) == "9999-12-31T23:59:59.999Z");
  CHECK(parse_rfc3339("2026-11-22T21:25:06Z") == 1795382706000);
  CHECK(parse_rfc3339("2026-11-22t22:55:06.5+01:30") == 1795382706500);
  CHECK(parse_rfc3339("2026-11-22T16:25:06.123999-05:00") == 1795382706123);
  CHECK(parse_rfc3339("2016-12-31T23:59:60Z") == 1483228800000);
}

TEST_CASE("What is no date-time from 1970 on is refused", "[clock]") {
  for (const char* text : {"",
                           "2026",
                           "2026-11-22",
                           "2026-11-22T21:25Z",
                           "2026-11-22T21:25:06",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-02-29T00:00:00Z",
                           "2100-02-29T00:00:00Z",
                           "2026-04-31T00:00:00Z",
                           "2026-01-00T00:00:00Z",
                           "2026-01-01T24:00:00Z",
                           "2026-01-01T00:60:00Z",
                           "2026-01-01T00:00:61Z",
                           "2026-01-01T00:00:00.Z",
                           "2026-01-01T00:00:00+1:00",
                           "2026-01-01T00:00:00+24:00",
                           "2026-01-01T00:00:00+00:60",
                           "2026-01-01T00:00:00Z ",
                           "1969-12-31T23:59:59Z",
                           "1970-01-01T00:00:00+00:01",
                           "+026-01-01T00:00:00Z",
                           "2026-01-01T00:00:0aZ",
                           "2026-1-01T00:00:00Z"}) {
    INFO(text);
    CHECK(parse_rfc3339(text) == -1);
  }
}

TEST_CASE("Any bytes are read without harm, and whatever is read is a time", "[clock]") {
  Entropy dice(2, 2);
  const std::string alphabet = "0123456789-:TZ.+ t";
  for (int i = 0; i < 50000; ++i) {
    std::string text = "2026-11-22T21:25:06.123Z";
    for (uint64_t n = dice.below(4); n > 0; --n)
      text[dice.below(text.size())] = alphabet[dice.below(alphabet.size())];
    text.resize(dice.below(2) == 0 ? text.size() : dice.below(text.size()));
    const int64_t at = parse_rfc3339(text);
    if (at >= 0) CHECK(parse_rfc3339(rfc3339(at)) == at);
  }
}
