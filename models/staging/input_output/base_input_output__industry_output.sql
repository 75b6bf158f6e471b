{{ judge_rows('industry_output', grain=['year', 'sector'], codes={'sector': sector_codes()}) }}
