#include "tests/exhaustive/guards.h"

#include <set>

namespace sluice::exhaustive {
namespace {

constexpr std::string_view kOpen = "/*+";

bool stands_alone(std::string block) {
  block.erase(0, block.find_first_not_of(' '));
  block.erase(block.find_last_not_of(' ') + 1);
  return block.rfind("AND ", 0) == 0 || block.back() == ',';
}

}  // namespace

Store::Cut cut_marker(const std::string& name) {
  const std::string open = "/*+" + name + "*/";
  const std::string close = "/*-" + name + "*/";
  return [open, close](std::string sql) {
    for (size_t at = sql.find(open); at != std::string::npos; at = sql.find(open)) {
      const size_t end = sql.find(close, at);
      const size_t begin = at + open.size();
      sql.replace(at, end + close.size() - at, stands_alone(sql.substr(begin, end - begin)) ? " " : " 1 ");
    }
    return sql;
  };
}

Store::Cut cut_statement(const std::string& part) {
  return [part](const std::string& sql) {
    if (sql.find(part) == std::string::npos) return sql;
    std::string out = "SELECT 1 WHERE 0";
    for (int n = 1; sql.find('?' + std::to_string(n)) != std::string::npos; ++n) {
      out += " AND ?" + std::to_string(n) + " = ''";
    }
    return out;
  };
}

std::vector<std::string> markers() {
  std::set<std::string> out;
  for (unsigned char n = 0; n < static_cast<unsigned char>(Sql::kCount); ++n) {
    const std::string_view sql = sql_text(static_cast<Sql>(n));
    for (size_t at = sql.find(kOpen); at != std::string_view::npos; at = sql.find(kOpen, at + 1)) {
      const size_t begin = at + kOpen.size();
      out.emplace(sql.substr(begin, sql.find("*/", begin) - begin));
    }
  }
  return {out.begin(), out.end()};
}

}  // namespace sluice::exhaustive
