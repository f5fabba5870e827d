// An offset can carry a date-time past the year 9999, which then was written with the year 0000.
#include <catch2/catch.hpp>

#include "core/clock.h"

TEST_CASE("A time that an offset carries beyond the year 9999 is no time", "[regression][clock]") {
  CHECK(sluice::parse_rfc3339("9999-12-31T23:59:59.999Z") == 253402300799999);
  CHECK(sluice::parse_rfc3339("9999-12-31T23:59:59-00:01") == -1);
  CHECK(sluice::parse_rfc3339("9999-12-31T23:59:60Z") == -1);
}
