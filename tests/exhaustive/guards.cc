#include "tests/exhaustive/guards.h"

#include <algorithm>
#include <set>

namespace sluice::exhaustive {
namespace {

constexpr std::string_view kOpen = "/*+";

// Takes the same parameters and does nothing.
std::string nothing(const std::string& sql) {
  std::string out = "SELECT 1 WHERE 0";
  for (int n = 1; sql.find('?' + std::to_string(n)) != std::string::npos; ++n) {
    out += " AND ?" + std::to_string(n) + " = ''";
  }
  return out;
}

std::string without_comments(const std::string& sql) {
  std::string out;
  for (size_t at = 0; at < sql.size();) {
    const size_t open = std::min(sql.find("/*", at), sql.size());
    out.append(sql, at, open - at);
    at = open == sql.size() ? open : sql.find("*/", open) + 2;
  }
  out.erase(out.find_last_not_of(" \n") + 1);
  return out;
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// Whether what follows has to be a condition.
bool asks(const std::string& before) {
  const std::string text = without_comments(before);
  return ends_with(text, "WHERE") || ends_with(text, "AND") || ends_with(text, "OR");
}

}  // namespace

Store::Cut cut_marker(const std::string& name) {
  const std::string open = "/*+" + name + "*/";
  const std::string close = "/*-" + name + "*/";
  return [open, close](std::string sql) {
    if (sql.rfind(open, 0) == 0 && ends_with(sql, close)) return nothing(sql);
    for (size_t at = sql.find(open); at != std::string::npos; at = sql.find(open)) {
      const size_t end = sql.find(close, at) + close.size();
      sql.replace(at, end - at, asks(sql.substr(0, at)) ? " 1 " : " ");
    }
    return sql;
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
