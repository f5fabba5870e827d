// Transitions: what each constructor sets, and the guards that the statements put on them.
#include "core/move.h"

#include "core/limits.h"
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr char kNonce[] = "00000000000000aa";

// Carries moves out under one nonce and returns how many took effect.
struct Mover {
  World& world;

  int run(const std::vector<Move>& moves) {
    const Json control("{}");
    Input input{default_config(), control.root(), world.now, Entropy(0, 0), {}, {}, false, {}, 0};
    Step step;
    add_moves(input, kNonce, moves, step);
    const Database::Batch batch = world.db.run(step);
    INFO(batch.failure);
    REQUIRE(batch.failure.empty());
    const Json rows(batch.rows);
    const json::Value state = rows.root().at(rows.root().size() - 1).at(0);
    int out = 0;
    for (size_t i = 0; i < moves.size(); ++i) out += moved(state, i, kNonce) ? 1 : 0;
    expect_counters_equal_scan(world.db);
    return out;
  }
};

Held held(World& world, const std::string& id) {
  Held out;
  out.id = id;
  REQUIRE(parse_status(world.db.job(id, "status"), out.status));
  out.fence = world.db.job_number(id, "fence");
  out.attempts = world.db.job_number(id, "attempts");
  out.started_at = world.db.job_number(id, "started_at");
  return out;
}

Held somebody() {
  Held out;
  out.id = "x";
  return out;
}

}  // namespace

TEST_CASE("A move takes effect only from the state and under the fencing token that it expects", "[move]") {
  World world;
  const std::string id = world.enqueue();
  (void)world.take(id);
  Mover mover{world};
  Held job = held(world, id);
  job.fence = 2;
  CHECK(mover.run({complete(job, world.now, "1", 0)}) == 0);
  job.fence = 1;
  job.status = Status::pending;
  CHECK(mover.run({complete(job, world.now, "1", 0)}) == 0);
  job.status = Status::processing;
  job.op = "another";
  CHECK(mover.run({complete(job, world.now, "1", 0)}) == 0);
  job.op = {};
  CHECK(mover.run({complete(job, world.now, "1", 0)}) == 1);
  CHECK(mover.run({complete(job, world.now, "2", 0)}) == 1);  // told again, not done again
  CHECK(world.db.job(id, "result") == "1");
}

TEST_CASE("Moves of a batch are judged one by one", "[move]") {
  World world;
  const std::string a = world.enqueue();
  const std::string b = world.enqueue();
  (void)world.take(a);
  Mover mover{world};
  Held gone = held(world, b);
  gone.status = Status::processing;
  gone.fence = 1;
  CHECK(mover.run({complete(held(world, a), world.now, "1", 0), complete(gone, world.now, "1", 0)}) == 1);
  CHECK(world.db.job(b, "status") == "pending");
}

TEST_CASE("A retry without delay is pending, with one delayed, and sent ahead beyond a day", "[move]") {
  const Held job = somebody();
  CHECK(retry_later(job, 1000, 0, 50, {"c", "m", true}).to == Status::pending);
  CHECK(retry_later(job, 1000, 0, 50, {"c", "m", true}).wake_at == 1050);
  const Move soon = retry_later(job, 1000, 86400000, 50, {"c", "m", true});
  CHECK(soon.to == Status::delayed);
  CHECK(soon.run_at == 86401000);
  CHECK(soon.wake_at == 86401050);
  CHECK(retry_later(job, 1000, 86400001, 50, {"c", "m", true}).wake_at == 86401001 - limits::kSendAheadMs);
}

TEST_CASE("Only a failed attempt counts as an error, only a lost lease as a loss", "[move]") {
  const Held job = somebody();
  const JobError error{"c", "m", true};
  CHECK(retry_later(job, 1, 2, 3, error).counts_as_error);
  CHECK(fail(job, 1, 3, error).counts_as_error);
  CHECK_FALSE(snooze(job, 1, 2, 3, error).counts_as_error);
  CHECK_FALSE(hand_back(job, 1, 3).counts_as_error);
  CHECK(lose_lease(job, 1, 3).losses_delta == 1);
  CHECK(fail_as_poison(job, 1, 3).losses_delta == 1);
  CHECK(lose_unbegun(job, 1, 3).losses_delta == 0);
  for (const Move& move :
       {snooze(job, 1, 2, 3, error), hand_back(job, 1, 3), lose_lease(job, 1, 3), lose_unbegun(job, 1, 3)}) {
    CHECK(move.attempts_delta == -1);
  }
  CHECK(retry_later(job, 1, 2, 3, error).attempts_delta == 0);
}

TEST_CASE("Errors are cut at a character's start", "[move]") {
  const std::string message = std::string(limits::kErrorMessageBytesMax - 1, 'x') + "é";
  const Json error(write_error({std::string(200, 'c'), message, false}));
  CHECK(error.text("message").size() == limits::kErrorMessageBytesMax - 1);
  CHECK(error.text("code").size() == 100);
  CHECK_FALSE(error["retryable"].truth(true));
  CHECK(write_error({"a\"b", "\n", true}) == R"({"code":"a\"b","message":"\n","retryable":true})");
}

TEST_CASE("A result of exactly 4096 bytes stays in the row", "[move]") {
  World world;
  for (const size_t size : {4096, 4097}) {
    const std::string id = world.enqueue();
    (void)world.take(id);
    const std::string result = "\"" + std::string(size - 2, 'x') + "\"";
    CHECK(Mover{world}.run({complete(held(world, id), world.now, result, 0)}) == 1);
    CHECK(world.db.job(id, "result IS NULL") == (size > 4096 ? "1" : "0"));
    CHECK(world.job(id)["result"].raw() == result);
  }
}

TEST_CASE("Results of ten megabytes are bound in pieces", "[move]") {
  World world;
  const std::string result = "\"" + std::string(1'000'000, 'x') + "\"";
  std::vector<std::string> ids;
  std::vector<Move> moves;
  for (int i = 0; i < 10; ++i) {
    ids.push_back(world.enqueue());
    (void)world.take(ids.back());
  }
  for (const std::string& id : ids) moves.push_back(complete(held(world, id), world.now, result, 0));
  CHECK(Mover{world}.run(moves) == 10);
  CHECK(world.db.number("SELECT count(*) FROM bodies") == 10);
}
