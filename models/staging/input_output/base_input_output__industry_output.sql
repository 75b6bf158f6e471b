{{ judge_rows('industry_output', grain=['year', 'sector']) }}
