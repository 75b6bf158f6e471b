{{ judge_rows('national_series', grain=['year']) }}
