// Random graphs of jobs, brought forward, cancelled and tried again in any order while answers get lost,
// against a model of what must become of each.
#include <algorithm>
#include <map>
#include <set>

#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

struct Node {
  std::vector<std::string> parents;
  std::set<std::string> open;
  bool proceeds = false;
  std::string status;
};

class Graph {
 public:
  explicit Graph(uint64_t seed) : world_(default_config(), seed), dice_(seed, 71) {}

  void live() {
    for (int step = 0; step < 60; ++step) {
      world_.now += static_cast<int64_t>(dice_.below(3)) * 1000;
      if (dice_.below(4) == 0) world_.db.fail_next(std::string(kLost), dice_.below(2) == 0);
      if (order_.size() < 14 && dice_.below(3) == 0) {
        add();
      } else if (!order_.empty()) {
        act(order_[dice_.below(order_.size())]);
      }
      settle();
      INFO("step " << step);
      check();
    }
  }

 private:
  static bool is_bad(const std::string& status) { return status == "failed" || status == "cancelled"; }
  static bool is_final(const std::string& status) { return status == "completed" || is_bad(status); }

  void add() {
    Node node;
    std::string list;
    for (const std::string& id : order_) {
      if (dice_.below(3) != 0 || node.parents.size() == 4) continue;
      node.parents.push_back(id);
      list += (list.empty() ? "\"" : ",\"") + id + "\"";
      if (!is_final(nodes_[id].status)) node.open.insert(id);
    }
    node.proceeds = !node.parents.empty() && dice_.below(2) == 0;
    std::string options = node.parents.empty() ? "" : R"(,"dependsOn":[)" + list + "]";
    if (node.proceeds) options += R"(,"onDependencyFailure":"proceed")";
    const Outcome out = world_.admit("plain", "{}", options);
    REQUIRE(out.step.reply.status == 201);
    const std::string id = out.reply().text("jobId");
    node.status = node.parents.empty() ? "pending" : "blocked";
    nodes_[id] = node;
    order_.push_back(id);
    decide(id);
    note(out);
    CHECK(out.reply().text("status") == nodes_[id].status);
    CHECK(out.step.sends.size() == (nodes_[id].status == "pending" ? 1U : 0U));
  }

  // What the model says of a job that waits.
  void decide(const std::string& id) {
    Node& node = nodes_[id];
    if (node.status != "blocked") return;
    const bool bad = std::any_of(node.parents.begin(), node.parents.end(),
                                 [&](const std::string& parent) { return is_bad(nodes_[parent].status); });
    if (bad && !node.proceeds) {
      end(id, "cancelled");
    } else if (node.open.empty()) {
      node.status = "pending";
      ready_.insert(id);
    }
  }

  void end(const std::string& id, const std::string& status) {
    nodes_[id].status = status;
    for (const std::string& other : order_) {
      Node& node = nodes_[other];
      if (std::find(node.parents.begin(), node.parents.end(), id) == node.parents.end()) continue;
      node.open.erase(id);
      decide(other);
    }
  }

  void act(const std::string& id) {
    Node& node = nodes_[id];
    const uint64_t wish = dice_.below(6);
    if (wish == 0 && !is_final(node.status)) {
      note(world_.cancel(id));
      end(id, "cancelled");
    } else if (is_bad(node.status) && wish < 3) {
      (void)world_.retry(id);
      node.status = "pending";
    } else if (node.status == "pending") {
      const std::string run = world_.take(id);
      const bool good = dice_.below(3) != 0;
      note(good ? world_.complete(run) : world_.fail(run));
      end(id, good ? "completed" : "failed");
    } else {
      CHECK(world_.claim({World::wake(id)}).step.runs.empty());
    }
  }

  void note(const Outcome& out) {
    for (const std::string& body : out.bodies()) {
      const Json message(body);
      const json::Value jobs = message["jobs"];
      if (!jobs) sent_.insert(message.text("id"));
      for (const json::Value job : jobs) sent_.insert(std::string(job.find("id").text()));
    }
  }

  // The sweep goes on with what one batch left, without a minute passing.
  void settle() {
    for (int round = 0; round < 30; ++round) {
      const Outcome out = world_.sweep();
      note(out);
      if (!out.step.more) return;
    }
    FAIL("The sweep never ends.");
  }

  void check() {
    for (const std::string& id : order_) {
      INFO(id << " of " << order_.size());
      CHECK(world_.db.job(id, "status") == nodes_[id].status);
    }
    for (const std::string& id : ready_) CHECK(sent_.count(id) == 1);
    ready_.clear();
    sent_.clear();
    CHECK(world_.db.number("SELECT count(*) FROM dependencies AS d JOIN jobs AS p ON p.id = d.parent_id "
                           "WHERE d.open = 1 AND p.completed_at IS NOT NULL") == 0);
  }

  World world_;
  Entropy dice_;
  std::map<std::string, Node> nodes_;
  std::vector<std::string> order_;
  std::set<std::string> ready_;  // what must have been sent by now
  std::set<std::string> sent_;
};

}  // namespace

TEST_CASE("Random graphs of jobs come to what their dependencies say, whatever befalls them",
          "[depend][property]") {
  const int seed = GENERATE(range(1, 121));
  INFO("seed " << seed);
  Graph(static_cast<uint64_t>(seed)).live();
}
