// Configuration: defaults, bounds, and what is refused with which words.
#include "core/config.h"

#include "core/limits.h"
#include "core/request_schema.h"
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

std::string load(const std::string& text) {
  Config config;
  return config.load(text);
}

std::string load_type(const std::string& members) {
  return load(R"({"types":[{"type":"t","queue":"q","payload":{})" + members + "}]}");
}

std::string load_vars(const std::string& vars) { return load(R"({"types":[],"vars":)" + vars + "}"); }

}  // namespace

TEST_CASE("Without variables the contract's defaults hold", "[config]") {
  Config config;
  REQUIRE(config.load(R"({"types":[],"vars":{"LEASE_MS":""}})").empty());
  CHECK(config.settings.lease_ms == 300000);
  CHECK(config.settings.max_attempts == 3);
  CHECK(config.settings.resend_after_ms == 900000);
  CHECK(config.settings.max_pending_per_queue == 1000000);
}

TEST_CASE("Variables are taken within their bounds", "[config]") {
  Config config;
  REQUIRE(config
              .load(R"({"types":[{"type":"t","queue":"q","payload":{}}],"vars":{"LEASE_MS":"60000",
    "MAX_ATTEMPTS":"9","RESEND_AFTER_MS":"15000","MAX_PENDING_PER_QUEUE":"7"}})")
              .empty());
  CHECK(config.settings.lease_ms == 60000);
  CHECK(config.settings.resend_after_ms == 15000);
  CHECK(config.settings.max_pending_per_queue == 7);
  CHECK(config.type("t")->max_attempts == 9);
}

TEST_CASE("A variable that is out of bounds is named", "[config]") {
  CHECK(load_vars(R"({"LEASE_MS":"999"})") == "LEASE_MS must be an integer from 1000 to 43200000");
  for (const char* value : {"x", "-1", "1.5", "1e9", " 5000", "9999999999999999999"}) {
    INFO(value);
    CHECK(load_vars(std::string(R"({"RESEND_AFTER_MS":")") + value + "\"}").substr(0, 15) ==
          "RESEND_AFTER_MS");
  }
  CHECK(load_vars(R"({"MAX_ATTEMPTS":"101"})").substr(0, 12) == "MAX_ATTEMPTS");
}

TEST_CASE("A type that makes no sense is refused with its name", "[config]") {
  CHECK(load_type("").empty());
  for (const char* members :
       {R"(,"priority":0)", R"(,"priority":"high")", R"(,"maxAttempts":0)", R"(,"maxAttempts":101)",
        R"(,"urgentMaxAttempts":0)", R"(,"timeoutMs":99)", R"(,"timeoutMs":600001)",
        R"(,"transport":"nowhere")", R"(,"backoff":7)", R"(,"backoff":{"type":"cubic"})",
        R"(,"backoff":{"delay":-1})", R"(,"backoff":{"maxDelay":86400001})", R"(,"backoff":{"jitter":1.5})",
        R"(,"backoff":{"jitter":"a"})"}) {
    INFO(members);
    CHECK(load_type(members).find("t") != std::string::npos);
  }
  CHECK_FALSE(load(R"({"types":[{"type":"t","queue":"q"}]})").empty());
  CHECK_FALSE(load(R"({"types":[{"type":"t","payload":{}}]})").empty());
  CHECK_FALSE(load(R"({"types":[{"type":"t","queue":"q","payload":{"pattern":"x"}}]})").empty());
  CHECK_FALSE(load(R"({"types":[7]})").empty());
  CHECK(load(R"({"types":[{"type":"t","queue":"q","payload":{}},{"type":"t","queue":"r","payload":{}}]})") ==
        "job type t is defined twice");
  for (const char* text : {"", "[]", "{", "null"}) CHECK_FALSE(load(text).empty());
}

TEST_CASE("Queues that are transports carry themselves, others what the type says or background-jobs",
          "[config]") {
  Config config;
  REQUIRE(config
              .load(R"({"types":[
    {"type":"own","queue":"scraping-tasks","urgentQueue":"scraping-priority","payload":{}},
    {"type":"named","queue":"reports","transport":"scraping-tasks","payload":{}},
    {"type":"other","queue":"reports","payload":{}}]})")
              .empty());
  const auto transport = [&](std::string_view name, bool urgent) {
    const JobType* type = config.type(name);
    REQUIRE(type != nullptr);
    return kTransports[urgent ? type->urgent_transport : type->transport].name;
  };
  CHECK(transport("own", false) == "scraping-tasks");
  CHECK(transport("own", true) == "scraping-priority");
  CHECK(transport("named", true) == "scraping-tasks");
  CHECK(transport("other", false) == "background-jobs");
  CHECK(config.type("nobody") == nullptr);
  CHECK(config.type("") == nullptr);
}

TEST_CASE("The request schema's bounds are those of the code", "[config]") {
  const Json schema(kRequestSchema);
  const json::Value properties = schema["properties"];
  CHECK(properties.find("maxAttempts").find("maximum").integer() == kAttemptsMax);
  CHECK(properties.find("timeoutMs").find("minimum").integer() == kTimeoutMsMin);
  CHECK(properties.find("timeoutMs").find("maximum").integer() == kTimeoutMsMax);
  CHECK(properties.find("backoff").find("properties").find("delay").find("maximum").integer() ==
        kBackoffMsMax);
  CHECK(properties.find("priority").find("anyOf").at(0).find("maximum").integer() == kPriorityLast);
  for (const json::Value word : properties.find("priority").find("anyOf").at(1).find("enum")) {
    CHECK(priority_from_name(word.text()) > 0);
  }
  const Json envelope(kEnvelopeSchema);
  CHECK(envelope["properties"]
            .find("metadata")
            .find("properties")
            .find("maxRetries")
            .find("maximum")
            .integer() == kAttemptsMax - 1);
}
