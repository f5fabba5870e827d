// The statements that insert jobs; used by admission itself and by the flows that adopt foreign envelopes.
#include <algorithm>

#include "core/admit.h"
#include "core/depend.h"
#include "core/gate.h"
#include "core/limits.h"
#include "core/pieces.h"
#include "core/wake.h"

namespace sluice {
namespace {

// Counts jobs per logical queue, so that each knows its place against the queue's maximum depth. Which of
// them are duplicates only the database knows: near the limit they take a place from the jobs behind them.
class Places {
 public:
  int64_t next(std::string_view queue) {
    for (auto& [name, count] : counts_) {
      if (name == queue) return ++count;
    }
    counts_.emplace_back(queue, 1);
    return 1;
  }

 private:
  std::vector<std::pair<std::string_view, int64_t>> counts_;
};

bool is_of_group(const NewJob& job, const NewJob& group) {
  return job.type == group.type && job.status == group.status && job.queue == group.queue;
}

// What jobs are counted by.
class Groups {
 public:
  int64_t of(const NewJob& job) {
    size_t n = 0;
    while (n < jobs_.size() && !is_of_group(job, *jobs_[n])) ++n;
    if (n == jobs_.size()) jobs_.push_back(&job);
    return static_cast<int64_t>(n);
  }
  // [[queue, type, status], …]
  [[nodiscard]] std::string write() const {
    std::string out;
    json::Writer writer(out);
    writer.begin_array();
    for (const NewJob* job : jobs_) {
      writer.begin_array().string(job->queue).string(job->type->name).string(name(job->status)).end_array();
    }
    writer.end_array();
    return out;
  }

 private:
  std::vector<const NewJob*> jobs_;
};

std::string write_heads(const std::vector<NewJob>& jobs, Groups& groups) {
  std::string out;
  out.reserve(jobs.size() * 60);
  json::Writer writer(out);
  Places places;
  writer.begin_array();
  for (const NewJob& job : jobs) {
    writer.begin_array().string(job.id).integer(groups.of(job)).integer(places.next(job.queue));
    if (!job.unique_key.empty() || !job.depends_on.empty()) {
      writer.raw_or_null(job.depends_on).string_or_null(job.unique_key).integer_or_null(job.unique_until);
    }
    writer.end_array();
  }
  writer.end_array();
  return out;
}

// When the sweep looks at a new job: never for a plain one, which the watermark finds,
// and for one that waits for others.
int64_t first_wake(const Input& input, const NewJob& job) {
  if (job.status == Status::blocked || job.run_at == 0) return 0;
  return job.line.empty() ? wake_after(input.now, job.run_at, input.config.settings.resend_after_ms)
                          : job.run_at;  // then it is put into its line
}

// Whether the kind of one job (write_kind) says what that of the other would.
bool is_of_kind(const NewJob& job, const NewJob& kind) {
  return is_of_group(job, kind) && job.transport == kind.transport && job.priority == kind.priority &&
         job.run_at == kind.run_at && job.max_attempts == kind.max_attempts &&
         job.timeout_ms == kind.timeout_ms && job.backoff == kind.backoff && job.tags == kind.tags &&
         job.user_id == kind.user_id && job.session_id == kind.session_id && job.tenant == kind.tenant &&
         job.concurrency_key == kind.concurrency_key && job.gates == kind.gates;
}

void write_kind(std::string& out, const Input& input, const NewJob& job) {
  json::Writer writer(out);
  writer.begin_array().string(job.type->name).string(job.queue);
  writer.string(job.line.empty() ? kTransports[job.transport].name : job.line).string(name(job.status));
  writer.integer(job.priority).integer(job.max_attempts).integer_or_null(job.run_at);
  writer.integer_or_null(first_wake(input, job)).integer(job.timeout_ms).string_or_null(job.backoff);
  writer.string_or_null(job.tags).string_or_null(job.user_id).string_or_null(job.session_id);
  writer.string_or_null(job.tenant).string_or_null(job.concurrency_key);
  write_gates(writer, job);
  const bool in_line = job.status == Status::pending;
  writer.string_or_null(in_line ? job.line : std::string_view()).end_array();
}

// The rows of admit_insert.sql, and what they have in common. Jobs of a request are of few kinds, mostly one
// behind the other: only the last ones are looked through.
class Insertion {
 public:
  Insertion(const Input& input, uint32_t scalars, Step& step)
      : input_(input), scalars_(scalars), step_(step) {}

  void add(const NewJob& job) {
    if (rows_.size() + kinds_.size() + kRowBytesMax > limits::kParamBytesMax &&
        holds(Guard::parameter_bytes)) {
      flush();
    }
    const int64_t kind = kind_of(job);
    rows_.append(rows_.empty() ? "[" : ",");
    write_row(job, kind);
  }
  void flush() {
    if (rows_.empty()) return;
    const uint32_t rows = step_.text(std::move(rows_.append("]")));
    step_.add(Sql::admit_insert, {rows, scalars_, step_.text(std::move(kinds_.append("]")))});
    rows_.clear();
    kinds_.clear();
    known_.clear();
  }

  [[nodiscard]] const GatePlaces& asked() const { return gates_; }

 private:
  static constexpr size_t kLooked = 8;
  static constexpr size_t kRowBytesMax = 4 * limits::kInlineBytesMax;  // of a row with its kind

  int64_t kind_of(const NewJob& job) {
    const size_t last = known_.size() > kLooked ? known_.size() - kLooked : 0;
    for (size_t n = known_.size(); n > last; --n) {
      if (is_of_kind(job, *known_[n - 1])) return static_cast<int64_t>(n - 1);
    }
    kinds_.append(kinds_.empty() ? "[" : ",");
    write_kind(kinds_, input_, job);
    known_.push_back(&job);
    return static_cast<int64_t>(known_.size() - 1);
  }

  void write_row(const NewJob& job, int64_t kind) {
    json::Writer writer(rows_);
    const bool inlined = job.payload.size() <= limits::kInlineBytesMax;
    writer.begin_array().string(job.id).integer(kind).raw(inlined ? job.payload : "null");
    writer.integer(static_cast<int64_t>(job.payload.size())).integer(places_.next(job.queue));
    gates_.write_next(input_.config, writer, job);
    writer.string_or_null(job.unique_key).string_or_null(job.correlation_id);
    if (!job.depends_on.empty()) write_dependencies(writer, job);
    writer.end_array();
  }

  const Input& input_;
  uint32_t scalars_;
  Step& step_;
  Places places_;
  GatePlaces gates_;
  std::string rows_;
  std::string kinds_;
  std::vector<const NewJob*> known_;  // by kind, the first job that had it
};

std::string write_scalars(const Input& input, const std::string& op, bool limited, const GatePlaces& asked) {
  constexpr int64_t kUnlimited = int64_t{1} << 50;
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("now").integer(input.now).key("op").string(op);
  writer.key("max").integer(limited ? input.config.settings.max_pending_per_queue : kUnlimited);
  writer.key("resend").integer(input.config.settings.resend_after_ms);
  write_limits(writer, input.config);
  asked.write_keys(writer.key("asked"));
  writer.end_object();
  return out;
}

void add_bodies(const std::vector<NewJob>& jobs, uint32_t scalars, Step& step) {
  Pieces bodies(step, {Sql::admit_bodies}, scalars);
  std::string row;
  for (const NewJob& job : jobs) {
    if (job.payload.size() <= limits::kInlineBytesMax) continue;
    row.clear();
    json::Writer(row).begin_array().string(job.id).raw(job.payload).end_array();
    bodies.add(row);
  }
  bodies.flush();
}

// The scalars are written last: they name the gates for which the rows ask.
void add_insertion(const Input& input, const std::string& op, const std::vector<NewJob>& jobs, bool limited,
                   bool keyed, Step& step) {
  Groups groups;
  const uint32_t heads = step.text(write_heads(jobs, groups));
  const uint32_t scalars = step.text({});
  if (keyed) step.add(Sql::admit_unique, {heads, scalars});
  step.add(Sql::admit_count, {heads, scalars, step.text(groups.write())});
  Insertion rows(input, scalars, step);
  for (const NewJob& job : jobs) rows.add(job);
  rows.flush();
  step.texts[scalars] = write_scalars(input, op, limited, rows.asked());
  add_bodies(jobs, scalars, step);
  add_dependencies(input, op, jobs, heads, step);
  step.add(Sql::admit_state, {heads});
}

}  // namespace

void add_admission(const Input& input, const std::string& op, const std::vector<NewJob>& jobs, bool limited,
                   Step& step) {
  const bool unique =
      std::any_of(jobs.begin(), jobs.end(), [](const NewJob& job) { return !job.unique_key.empty(); });
  add_insertion(input, op, jobs, limited, unique, step);
}

void add_keyed_admission(const Input& input, const std::string& op, const std::vector<NewJob>& jobs,
                         bool limited, Step& step) {
  add_insertion(input, op, jobs, limited, false, step);
}

}  // namespace sluice
