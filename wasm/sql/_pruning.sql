json_each((SELECT pruning FROM sweep))
