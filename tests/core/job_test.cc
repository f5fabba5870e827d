// Requests and foreign envelopes as jobs: defaults, options, and every fault.
#include "core/job.h"

#include "core/id.h"
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

struct Read {
  std::unique_ptr<Json> text;
  NewJob job;
  std::vector<Fault> faults;
  bool valid = false;

  // "path code" of every fault.
  [[nodiscard]] std::string codes() const {
    std::string out;
    for (const Fault& fault : faults) out += (out.empty() ? "" : ", ") + fault.path + " " + fault.code;
    return out;
  }
};

Read read(std::string text, bool envelope = false) {
  Read out;
  out.text = std::make_unique<Json>(std::move(text));
  Entropy entropy(1, 1);
  out.valid =
      envelope
          ? read_envelope(default_config(), out.text->root(), kStart, 3, entropy, out.job, out.faults)
          : read_request(default_config(), out.text->root(), "", kStart, 3, entropy, out.job, out.faults);
  CHECK(out.valid == out.faults.empty());
  return out;
}

Read request(const std::string& options) { return read(R"({"type":"plain","payload":{})" + options + "}"); }

}  // namespace

TEST_CASE("What a request does not say comes from its type", "[job]") {
  const Read out = request("");
  REQUIRE(out.valid);
  CHECK(is_id(out.job.id));
  CHECK(out.job.type->name == "plain");
  CHECK(out.job.queue == "background-jobs");
  CHECK(out.job.status == Status::pending);
  CHECK(out.job.priority == 5);
  CHECK(out.job.max_attempts == 3);
  CHECK(out.job.timeout_ms == 30000);
  CHECK(out.job.backoff.empty());
  CHECK(out.job.unique_key.empty());
}

TEST_CASE("Every option is taken over", "[job]") {
  const Read out = request(R"(,"priority":"low","maxAttempts":7,"backoff":{"type":"linear","jitter":0.25},
    "delaySeconds":1.5,"timeoutMs":100,"uniqueKey":"k","uniqueForSeconds":2,"tags":["a","b"],"correlationId":"c",
    "userId":"u","sessionId":"s")");
  REQUIRE(out.valid);
  CHECK(out.job.priority == 8);
  CHECK(out.job.max_attempts == 7);
  CHECK(out.job.backoff == R"(["linear",1000,3600000,250])");
  CHECK(out.job.status == Status::delayed);
  CHECK(out.job.run_at == kStart + 1500);
  CHECK(out.job.timeout_ms == 100);
  CHECK(out.job.unique_key == "key:k");
  CHECK(out.job.unique_until == kStart + 2000);
  CHECK(out.job.tags == R"(["a","b"])");
  CHECK(out.job.correlation_id == "c");
}

TEST_CASE("Fractions of a second are rounded up", "[job]") {
  CHECK(request(R"(,"delaySeconds":0.0001)").job.run_at == kStart + 1);
  CHECK(request(R"(,"delaySeconds":0.1)").job.run_at == kStart + 100);
  CHECK(request(R"(,"delaySeconds":0)").job.status == Status::pending);
  CHECK(request(R"(,"backoff":{"jitter":0.0001})").job.backoff == R"(["fixed",1000,3600000,1])");
}

TEST_CASE("runAt is read with its offset", "[job]") {
  CHECK(request(R"(,"runAt":"2030-01-01T01:00:00+01:00")").job.run_at == 1893456000000);
}

TEST_CASE("Each fault of a request is named", "[job]") {
  CHECK(request(R"(,"priority":0)").codes() == "/priority any_of");
  CHECK(request(R"(,"priority":"soon")").codes() == "/priority any_of");
  CHECK(request(R"(,"maxAttempts":0)").codes() == "/maxAttempts minimum");
  CHECK(request(R"(,"maxAttempts":101)").codes() == "/maxAttempts maximum");
  CHECK(request(R"(,"timeoutMs":600001)").codes() == "/timeoutMs maximum");
  CHECK(request(R"(,"delaySeconds":-1)").codes() == "/delaySeconds minimum");
  CHECK(request(R"(,"runAt":"tomorrow")").codes() == "/runAt format");
  CHECK(request(R"(,"runAt":"1969-01-01T00:00:00Z")").codes() == "/runAt format");
  CHECK(request(R"(,"delaySeconds":1,"runAt":"2030-01-01T00:00:00Z")").codes() == "/runAt conflict");
  CHECK(request(R"(,"uniqueForSeconds":1)").codes() == "/uniqueForSeconds conflict");
  CHECK(request(R"(,"tags":["a","a"])").codes() == "/tags unique_items");
  CHECK(request(R"(,"colour":1)").codes() == "/colour additional_properties");
  CHECK(request(R"(,"backoff":{"delay":86400001})").codes() == "/backoff/delay maximum");
  CHECK(read(R"({"type":"plain"})").codes() == "/payload required");
  CHECK(read(R"({"type":"nobody","payload":1})").codes() == "/type unknown_type");
  CHECK(read(R"({"type":7,"payload":1})").codes() == "/type type");
  CHECK(read("[]").codes() == " type");
  CHECK(read(R"({"type":"checked","payload":{"pages":1.5,"x":0},"priority":99})").codes() ==
        "/priority any_of, /payload/pages type, /payload/x additional_properties, /payload/url required");
}

TEST_CASE("A null payload is a payload", "[job]") {
  const Read out = read(R"({"type":"plain","payload":null})");
  CHECK(out.valid);
  CHECK(out.job.payload == "null");
}

TEST_CASE("A foreign envelope is a job that is ready at once, unique under its id", "[job]") {
  const Read out = read(R"({"id":"x","type":"scrape_request","payload":{},"extra":1,
    "metadata":{"priority":"urgent","scheduledAt":1,"maxRetries":0,"correlationId":"c","other":true}})",
                        true);
  REQUIRE(out.valid);
  CHECK(out.job.unique_key == "ext:x");
  CHECK(out.job.queue == "scraping-priority");
  CHECK(out.job.max_attempts == 1);
  CHECK(out.job.run_at == 0);
  CHECK(out.job.correlation_id == "c");
}

TEST_CASE("Each fault of a foreign envelope is named", "[job]") {
  CHECK(read(R"({"type":"plain","payload":1,"metadata":{}})", true).codes() == "/id required");
  CHECK(read(R"({"id":"x","type":"plain","payload":1})", true).codes() == "/metadata required");
  CHECK(read(R"({"id":"","type":"plain","payload":1,"metadata":{}})", true).codes() == "/id min_length");
  CHECK(read(R"({"id":"x","type":"plain","payload":1,"metadata":{"maxRetries":-1}})", true).codes() ==
        "/metadata/maxRetries minimum");
  CHECK(read(R"({"id":"x","type":"checked","payload":1,"metadata":{}})", true).codes() == "/payload type");
}

TEST_CASE("States have their names, and three are final", "[job]") {
  int finals = 0;
  for (int i = 0; i < static_cast<int>(Status::kCount); ++i) {
    const auto status = static_cast<Status>(i);
    Status read = Status::kCount;
    CHECK(parse_status(name(status), read));
    CHECK(read == status);
    finals += is_final(status) ? 1 : 0;
  }
  CHECK(finals == 3);
  Status untouched = Status::blocked;
  CHECK_FALSE(parse_status("running", untouched));
  CHECK(untouched == Status::blocked);
}

TEST_CASE("A job's own backoff counts before its type's, that before the default", "[job]") {
  const Json own(R"(["exponential",5,6,7])");
  const JobType* type = default_config().type("plain");
  CHECK(backoff_of(own.root(), type).delay_ms == 5);
  CHECK(backoff_of(json::Value(), type).delay_ms == 1000);
  CHECK(backoff_of(json::Value(), nullptr).delay_ms == Backoff{}.delay_ms);
  CHECK(backoff_of(Json("[1]").root(), type).kind == BackoffKind::fixed);
}
