// Sequences of flow calls made from the input's bytes, their rows right, spoilt or missing: whatever the
// caller and D1 hand over, every answer is a plan or an outcome that can be carried out, and the same call
// gives the same bytes.
#include <algorithm>
#include <sstream>

#include "tests/fuzz/abi.h"
#include "tests/fuzz/flow_rows.h"

using namespace sluice::fuzz;

namespace {

constexpr int32_t kFlows[] = {
    SLUICE_OP_ADMIT,          SLUICE_OP_ADMIT_BATCH,   SLUICE_OP_ADMIT_CHAT,   SLUICE_OP_CLAIM,
    SLUICE_OP_SETTLE,         SLUICE_OP_PULSE,         SLUICE_OP_BURY,         SLUICE_OP_SWEEP,
    SLUICE_OP_QUERY,          SLUICE_OP_RETRY,         SLUICE_OP_CANCEL,       SLUICE_OP_POLL,
    SLUICE_OP_POLL_LINES,     SLUICE_OP_LOCK,          SLUICE_OP_UNLOCK,       SLUICE_OP_REQUEUE,
    SLUICE_OP_REQUEUE_MANY,   SLUICE_OP_DISCARD,       SLUICE_OP_COMPAT_ADMIT, SLUICE_OP_COMPAT_STATS,
    SLUICE_OP_COMPAT_LETTERS, SLUICE_OP_COMPAT_REQUEUE};

// Texts with which batches fail, some of them passing.
constexpr const char* kFailures[] = {"D1_ERROR: Network connection lost.", "D1 DB is overloaded.",
                                     "D1_ERROR: UNIQUE constraint failed", "", "database is locked"};

class Player {
 public:
  explicit Player(std::string_view bytes) : in_(bytes) {}

  void play() {
    for (int flow = 0; flow < 5 && !in_.empty(); ++flow) run(kFlows[in_.below(std::size(kFlows))]);
  }

 private:
  struct Call {
    Tree control = Tree::object();
    std::vector<std::string> bodies;
  };

  template <size_t N>
  const char* pick(const char* const (&list)[N]) {
    return list[in_.below(N)];
  }

  Call make(int32_t op) {
    switch (op) {
      case SLUICE_OP_ADMIT:
      case SLUICE_OP_ADMIT_BATCH:
      case SLUICE_OP_ADMIT_CHAT:
        return admission(op);
      case SLUICE_OP_CLAIM:
      case SLUICE_OP_BURY:
        return delivery();
      case SLUICE_OP_SETTLE:
        return settlement();
      case SLUICE_OP_PULSE:
        return pulse();
      case SLUICE_OP_QUERY:
      case SLUICE_OP_COMPAT_LETTERS:
        return query();
      case SLUICE_OP_POLL: {
        Call out;
        out.control = {{"line", "p:outreach"}, {"worker", "w1"}};
        out.control["since"] = perhaps(in_, time_cell(in_));
        out.control["taken"] = perhaps(in_, in_.below(12));
        return out;
      }
      case SLUICE_OP_LOCK:
      case SLUICE_OP_UNLOCK: {
        Call out;
        out.control = {{"key", perhaps(in_, in_.text(9))},
                       {"ttlMs", perhaps(in_, in_.bits(4))},
                       {"id", perhaps(in_, Rows(in_, ids_).id(0))},
                       {"fence", perhaps(in_, in_.below(9))},
                       {"value", perhaps(in_, in_.text(32))}};
        return out;
      }
      case SLUICE_OP_REQUEUE_MANY:
        return redrive();
      case SLUICE_OP_COMPAT_ADMIT:
      case SLUICE_OP_COMPAT_REQUEUE:
        return compat(op);
      default: {
        Call out;
        out.control["id"] = perhaps(in_, Rows(in_, ids_).id(0));
        return out;
      }
    }
  }

  Tree request() {
    Tree out = {{"type", perhaps(in_, pick(kTypes))}, {"payload", wild(in_)}};
    if (in_.one_in(3)) out["payload"] = {{"url", "https://e.example/" + in_.text(9)}, {"pages", wild(in_)}};
    const uint64_t options = in_.bits(2);
    const auto put = [&](int bit, const char* key, Tree value) {
      if ((options >> bit & 1) != 0) out[key] = perhaps(in_, std::move(value));
    };
    put(0, "priority", in_.one_in(2) ? Tree("urgent") : Tree(in_.below(12)));
    put(1, "maxAttempts", in_.below(101));
    put(2, "delaySeconds", in_.one_in(4) ? Tree(315'360'000) : Tree(in_.bits(3) / 8.0));
    put(3, "runAt", "2027-01-15T08:00:0" + std::to_string(in_.below(10)) + "Z");
    put(4, "timeoutMs", 100 + in_.bits(2));
    put(5, "uniqueKey", in_.text(6));
    put(6, "uniqueForSeconds", in_.bits(3));
    put(7, "tags", Tree::array({in_.text(3), in_.text(3)}));
    put(8, "backoff", {{"type", "linear"}, {"delay", in_.bits(4)}, {"jitter", in_.below(9) / 8.0}});
    put(9, "correlationId", in_.text(9));
    put(10, "userId", in_.text(9));
    return out;
  }

  Call admission(int32_t op) {
    Call out;
    Tree body = request();
    if (op == SLUICE_OP_ADMIT_BATCH) {
      Tree jobs = Tree::array({body});
      for (size_t n = in_.below(4); n > 0; --n) jobs.push_back(in_.one_in(3) ? body : request());
      body = {{"jobs", jobs}};
    }
    if (op == SLUICE_OP_ADMIT_CHAT) {
      body = {
          {"message", perhaps(in_, "Find me a hotel in Lisbon, urgently: https://a.example/" + in_.text(20))},
          {"userId", perhaps(in_, "u")},
          {"sessionId", perhaps(in_, "s")}};
    }
    if (in_.one_in(4)) out.control["idempotencyKey"] = perhaps(in_, in_.text(12));
    out.bodies.push_back(spoil(body.dump()));
    if (op == SLUICE_OP_ADMIT_CHAT && !in_.one_in(12)) out.bodies.push_back(spoil(reading().dump()));
    return out;
  }

  Tree reading() {
    static constexpr const char* kScrapeTypes[] = {"hotel", "flight", "attraction", "general"};
    static constexpr const char* kMissing[] = {"", "place", "site"};
    Tree requests = Tree::array();
    for (size_t n = in_.below(4); n > 0; --n) {
      Tree one = {{"scrapeType", perhaps(in_, pick(kScrapeTypes))},
                  {"url", perhaps(in_, "https://h.example/" + in_.text(9))}};
      if (in_.one_in(2)) one["place"] = perhaps(in_, in_.text(9));
      if (in_.one_in(2)) one["query"] = perhaps(in_, in_.text(20));
      requests.push_back(perhaps(in_, one));
    }
    return {{"wants", perhaps(in_, !requests.empty())},
            {"urgent", perhaps(in_, in_.one_in(2))},
            {"missing", perhaps(in_, pick(kMissing))},
            {"requests", perhaps(in_, requests)}};
  }

  Tree envelope() {
    Tree out = {{"id", perhaps(in_, Rows(in_, ids_).id(in_.below(4)))},
                {"type", perhaps(in_, pick(kTypes))},
                {"payload", wild(in_)},
                {"metadata", {{"priority", "high"}, {"maxRetries", in_.below(99)}, {"timeoutMs", 30'000}}}};
    if (in_.one_in(2)) return out;
    out["metadata"]["sluice"] = perhaps(in_, {{"v", 1}});
    if (in_.one_in(2) && out["metadata"]["sluice"].is_object())
      out["metadata"]["sluice"]["fence"] = in_.below(4);
    return out;
  }

  Call delivery() {
    Call out;
    Tree messages = Tree::array();
    for (size_t n = 1 + in_.below(4); n > 0; --n) {
      Tree body = envelope();
      if (in_.one_in(4)) body = {{"jobs", {body, envelope()}}};
      out.bodies.push_back(spoil(body.dump()));
      messages.push_back(perhaps(in_, {{"id", "m" + std::to_string(n)}, {"attempts", in_.below(6)}}));
    }
    out.control = {
        {"queue", perhaps(in_, pick(kQueues))}, {"worker", "w1"}, {"messages", perhaps(in_, messages)}};
    return out;
  }

  // A run's token and its record, mostly those of one that was claimed.
  std::pair<Tree, Tree> lease() {
    if (!runs_.empty() && !in_.one_in(4)) {
      const Tree& run = runs_[in_.below(runs_.size())];
      return {run["token"], run["record"]};
    }
    Rows rows(in_, ids_);
    return {Tree::array({rows.id(0), in_.below(6), pick(kQueues), nullptr}),
            Tree::array({rows.record(0), in_.below(6), in_.one_in(2)})};
  }

  Call settlement() {
    static constexpr const char* kKinds[] = {"ok",        "error",   "timeout", "snooze",
                                             "unstarted", "stopped", "else"};
    Call out;
    Tree results = Tree::array();
    std::string records;
    for (size_t n = in_.below(4); n > 0; --n) {
      const auto [token, record] = lease();
      Tree result = {{"index", n - 1}, {"token", perhaps(in_, token)}, {"kind", pick(kKinds)}};
      records += (records.empty() ? "" : "\n") + perhaps(in_, record).dump();
      result["frame"] = perhaps(in_, in_.below(3));
      result["ms"] = perhaps(in_, in_.bits(2));
      if (in_.one_in(3)) result["retryAfterMs"] = perhaps(in_, in_.bits(5));
      if (in_.one_in(3)) result["delayMs"] = perhaps(in_, in_.bits(5));
      if (in_.one_in(2)) result["retryable"] = perhaps(in_, in_.one_in(2));
      result["code"] = perhaps(in_, "broken");
      result["message"] = perhaps(in_, in_.text(30));
      results.push_back(perhaps(in_, result));
    }
    out.control = {{"queue", perhaps(in_, pick(kQueues))}};
    out.bodies.push_back(spoil(perhaps(in_, results).dump()));
    out.bodies.push_back(spoil(records));
    for (size_t n = in_.below(3); n > 0; --n) out.bodies.push_back(spoil(wild(in_).dump()));
    return out;
  }

  Call pulse() {
    Call out;
    Tree runs = Tree::array();
    for (size_t n = in_.below(4); n > 0; --n) {
      Tree run = {{"id", Rows(in_, ids_).id(n)}, {"fence", in_.below(4)}, {"leaseUntil", time_cell(in_)}};
      if (in_.one_in(2)) run["progress"] = perhaps(in_, in_.below(120));
      if (in_.one_in(2)) run["frame"] = perhaps(in_, in_.below(3));
      runs.push_back(perhaps(in_, run));
    }
    out.control = {{"runs", perhaps(in_, runs)}};
    for (size_t n = in_.below(3); n > 0; --n) out.bodies.push_back(spoil(wild(in_).dump()));
    return out;
  }

  Call redrive() {
    Call out;
    Tree body = Tree::object();
    switch (in_.below(4)) {
      case 0:
        body["ids"] = perhaps(in_, Tree::array({Rows(in_, ids_).id(0), in_.text(9)}));
        break;
      case 1:
        body["type"] = perhaps(in_, pick(kTypes));
        break;
      case 2:
        body["queue"] = perhaps(in_, pick(kQueues));
        break;
      default:
        body["all"] = perhaps(in_, true);
    }
    if (in_.one_in(3)) body["limit"] = perhaps(in_, in_.below(200));
    if (in_.one_in(3)) body["cursor"] = perhaps(in_, "1800000000000.x41");
    out.bodies.push_back(spoil(body.dump()));
    if (in_.one_in(3)) {
      const Tree next = {{"until", time_cell(in_)}, {"seen", in_.below(200)}, {"cursor", "5.x41"}};
      out.bodies.push_back(
          spoil(Tree{{"requeued", in_.below(9)}, {"skipped", wild(in_)}, {"next", next}}.dump()));
    }
    return out;
  }

  Call compat(int32_t op) {
    Call out;
    Tree body = {{"type", perhaps(in_, pick(kTypes))},
                 {"target_url", perhaps(in_, "https://e.example/" + in_.text(9))}};
    if (in_.one_in(2)) body["priority"] = perhaps(in_, in_.below(12));
    if (in_.one_in(2)) body["metadata"] = wild(in_);
    if (op == SLUICE_OP_COMPAT_REQUEUE) {
      body =
          in_.one_in(2) ? Tree{{"index", perhaps(in_, in_.below(600))}} : Tree{{"id", Rows(in_, ids_).id(0)}};
    }
    if (in_.one_in(4)) out.control["idempotencyKey"] = perhaps(in_, in_.text(12));
    out.bodies.push_back(spoil(body.dump()));
    return out;
  }

  Call query() {
    static constexpr const char* kKinds[] = {"job",           "attempts", "list",   "stats",    "queues",
                                             "health",        "letters",  "letter", "deadJobs", "failures",
                                             "logicalQueues", "explain",  "else"};
    Call out;
    out.control = {{"kind", perhaps(in_, pick(kKinds))}, {"id", Rows(in_, ids_).id(0)}};
    if (in_.one_in(3)) out.control["limit"] = perhaps(in_, std::to_string(in_.integer()));
    if (in_.one_in(3)) out.control["offset"] = perhaps(in_, std::to_string(in_.below(99)));
    if (in_.one_in(3)) out.control["status"] = perhaps(in_, pick(kStatuses));
    if (in_.one_in(3)) out.control["cursor"] = perhaps(in_, Rows(in_, ids_).id(0));
    if (in_.one_in(3)) out.control["tag"] = perhaps(in_, in_.text(4));
    return out;
  }

  // At times a text that ends early or has a byte changed.
  std::string spoil(std::string text) {
    if (text.empty() || !in_.one_in(24)) return text;
    const size_t at = in_.bits(2) % text.size();
    if (in_.one_in(2)) {
      text.resize(at);
    } else {
      text[at] = static_cast<char>(in_.byte());
    }
    return text;
  }

  // Drives one flow as shim/step.js does.
  void run(int32_t op) {
    Call call = make(op);
    call.control["now"] = perhaps(in_, kNow);
    call.control["seed"] = perhaps(in_, "000102030405060708090a0b0c0d0e0f");
    call.control["bodies"] = in_.one_in(64) ? wild(in_) : Tree(call.bodies.size());
    Rows rows(in_, ids_);
    std::vector<std::string> stages;
    std::vector<std::string> carry;
    for (int round = 0; round < 5; ++round) {
      const bool carried = !carry.empty() && !call.control.contains("failed");
      const std::vector<std::string>& given = carried ? carry : call.bodies;
      if (carried) call.control["carried"] = true;
      if (carried) call.control["bodies"] = given.size();
      std::vector<std::string> frames = {call.control.dump()};
      frames.insert(frames.end(), given.begin(), given.end());
      call.control.erase("carried");
      frames.insert(frames.end(), stages.begin(), stages.end());
      const std::string input = framed(frames);
      const Answer answer = call_bytes(op, input);
      demand(call_bytes(op, input).bytes == answer.bytes, "the same call gives the same bytes");
      if (answer.code != SLUICE_OK) return;
      check_step(answer);
      const Tree control = Tree::parse(answer.frames[0]);
      if (!control.contains("plan")) return finish(call, control, answer);
      carry.clear();
      for (const Tree& frame : control.value("carry", Tree::array())) {
        carry.push_back(spoil(answer.frames[frame.get<size_t>()]));
      }
      fail(call.control);
      if (!call.control.contains("failed")) stages.push_back(rows.stage(control["plan"], answer));
    }
  }

  // The batch may fail, once or repeatedly.
  void fail(Tree& control) {
    control.erase("failed");
    if (!in_.one_in(12)) return;
    control["failed"] = true;
    control["failure"] = perhaps(in_, pick(kFailures));
    control["tries"] = perhaps(in_, in_.below(20));
  }

  void finish(Call& call, const Tree& control, const Answer& answer) {
    const auto lines = [&](const char* key) {
      return std::istringstream(control.contains("runs") ? answer.frames[control[key].get<size_t>()] : "");
    };
    std::istringstream tokens = lines("tokens");
    std::istringstream records = lines("records");
    for (Tree run : control.value("runs", Tree::array())) {
      std::string line;
      demand(static_cast<bool>(std::getline(tokens, line)), "each run has its token");
      run["token"] = Tree::parse(line);
      demand(static_cast<bool>(std::getline(records, line)), "each run has its record");
      run["record"] = Tree::parse(line);
      const bool polled = call.control.contains("line");
      const Tree& messages = call.control["messages"];
      const size_t count = std::max(call.bodies.size(), messages.is_array() ? messages.size() : 0);
      demand(polled || run["message"].get<size_t>() < count, "a run belongs to a message");
      if (runs_.size() < 8) runs_.push_back(run);
    }
  }

  Choices in_;
  std::vector<std::string> ids_;
  std::vector<Tree> runs_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const bool configured = (configure(), true);
  (void)configured;
  Player({reinterpret_cast<const char*>(data), size}).play();
  return 0;
}
