-- Question: what do the checks of the headline say, side by side, as a paper would print them?
-- Grain: printed row of table `robustness`, a column for each regression. Another table_id lays out another
-- table.
with printed as (

    select * from {{ rpt_table('robustness') }}

)

select * from printed
order by row_number
