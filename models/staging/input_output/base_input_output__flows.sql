{{ judge_rows('input_output_flows', grain=['year', 'supplying_sector', 'using_sector']) }}
