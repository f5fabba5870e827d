// Names of priorities, backoffs and transports, and the table of transports against the contract.
#include "core/policy.h"

#include <catch2/catch.hpp>

using namespace sluice;

TEST_CASE("Priorities have four names", "[policy]") {
  CHECK(priority_from_name("urgent") == 1);
  CHECK(priority_from_name("high") == 3);
  CHECK(priority_from_name("normal") == 5);
  CHECK(priority_from_name("low") == 8);
  CHECK(priority_from_name("URGENT") == 0);
  CHECK(priority_from_name("") == 0);
}

TEST_CASE("Backoff kinds come back from their names", "[policy]") {
  for (const BackoffKind kind : {BackoffKind::exponential, BackoffKind::linear, BackoffKind::fixed}) {
    BackoffKind read = BackoffKind::exponential;
    CHECK(backoff_kind(name(kind), read));
    CHECK(read == kind);
  }
  BackoffKind untouched = BackoffKind::linear;
  CHECK_FALSE(backoff_kind("none", untouched));
  CHECK(untouched == BackoffKind::linear);
}

TEST_CASE("Transports are found by name and have the contract's figures", "[policy]") {
  CHECK(transport_index("background-jobs") == kBackgroundTransport);
  CHECK(transport_index("scraping-dlq") == -1);
  CHECK(transport_index("") == -1);
  CHECK(kTransports[transport_index("scraping-tasks")].max_retries == 3);
  CHECK(kTransports[transport_index("scraping-priority")].max_retries == 5);
  CHECK(kTransports[transport_index("scraping-priority")].dead_letter_binding == "SCRAPING_DLQ");
  CHECK(kTransports[kBackgroundTransport].dead_letter_queue == "background-jobs-dlq");
  CHECK(kTransports[transport_index("scraping-tasks")].pack_max == 1);
}
