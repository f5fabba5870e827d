// Routing: any configured type and any priority lead to one queue, one transport and one dead-letter queue.
#include "core/job.h"
#include "core/policy.h"
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr const char* kQueues[] = {"scraping-tasks", "scraping-priority", "background-jobs", "reports",
                                   "outreach"};

// A type as a job.json would have it, each optional member there or not.
std::string any_type(Entropy& dice, int n) {
  std::string out = R"({"type":"t)" + std::to_string(n) + R"(","queue":")" + kQueues[dice.below(5)] + R"(")";
  if (dice.below(2) == 0) out += R"(,"urgentQueue":")" + std::string(kQueues[dice.below(5)]) + R"(")";
  if (dice.below(2) == 0) out += R"(,"transport":")" + std::string(kQueues[dice.below(3)]) + R"(")";
  if (dice.below(2) == 0) out += R"(,"priority":)" + std::to_string(1 + dice.below(10));
  if (dice.below(2) == 0) out += R"(,"maxAttempts":)" + std::to_string(1 + dice.below(100));
  if (dice.below(2) == 0) out += R"(,"urgentMaxAttempts":)" + std::to_string(1 + dice.below(100));
  return out + R"(,"payload":{}})";
}

// The queue that the documents give: a transport's own name, else the type's wish, else background-jobs.
int transport_of(std::string_view queue, std::string_view wish) {
  const int own = transport_index(queue);
  if (own >= 0) return own;
  return wish.empty() ? kBackgroundTransport : transport_index(wish);
}

void check_route(const Json& type, const NewJob& job, bool urgent) {
  const std::string own = type.text("queue");
  const std::string fast = type.text("urgentQueue").empty() ? own : type.text("urgentQueue");
  CHECK(job.queue == (urgent ? fast : own));
  REQUIRE(job.transport >= 0);
  REQUIRE(job.transport < kTransportCount);
  CHECK(job.transport == transport_of(job.queue, type.text("transport")));
  const Transport& transport = kTransports[job.transport];
  CHECK(!transport.binding.empty());
  CHECK(transport.dead_letter_binding ==
        (transport.dead_letter_queue == "scraping-dlq" ? "SCRAPING_DLQ" : "JOB_DLQ"));
  CHECK((transport.dead_letter_queue == "scraping-dlq") == (transport.name != "background-jobs"));
  const int64_t attempts = type["maxAttempts"].integer(3);
  CHECK(job.max_attempts == (urgent ? type["urgentMaxAttempts"].integer(attempts) : attempts));
}

}  // namespace

TEST_CASE("Type and priority decide queue, transport, dead-letter queue and attempts alone",
          "[routing][property]") {
  const int seed = GENERATE(range(1, 41));
  Entropy dice(static_cast<uint64_t>(seed), 41);
  std::vector<Json> types;
  std::string list;
  for (int n = 0; n < 10; ++n) {
    const std::string text = any_type(dice, n);
    list += (n == 0 ? "" : ",") + text;
    types.emplace_back(text);
  }
  Config config;
  REQUIRE(config.load(R"({"types":[)" + list + R"(],"vars":{}})").empty());
  for (size_t n = 0; n < types.size(); ++n) {
    for (const char* word :
         {"", "1", "2", "3", "5", "9", "10", "\"urgent\"", "\"high\"", "\"normal\"", "\"low\""}) {
      const std::string option = std::string(word).empty() ? "" : R"(,"priority":)" + std::string(word);
      const Json request(R"({"type":"t)" + std::to_string(n) + R"(","payload":1)" + option + "}");
      const Json envelope(R"({"id":"e","type":"t)" + std::to_string(n) + R"(","payload":1,"metadata":{)" +
                          (option.empty() ? "" : option.substr(1)) + "}}");
      INFO("seed " << seed << " " << types[n].root().raw() << " " << word);
      NewJob job;
      NewJob adopted;
      std::vector<Fault> faults;
      REQUIRE(read_request(config, request.root(), "", kStart, 0, dice, job, faults));
      REQUIRE(read_envelope(config, envelope.root(), kStart, 0, dice, adopted, faults));
      const bool urgent = job.priority == kPriorityUrgent;
      if (!option.empty()) CHECK(urgent == (std::string(word) == "1" || std::string(word) == "\"urgent\""));
      if (option.empty()) CHECK(job.priority == types[n]["priority"].integer(kPriorityNormal));
      check_route(types[n], job, urgent);
      check_route(types[n], adopted, urgent);
    }
  }
}
