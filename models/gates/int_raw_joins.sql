{# Whether the keys of a raw file meet what they are joined with. Every row of a file may be sound and the
   file still match nothing: all that is made of it is then zero or missing, and nothing says so. #}
with keys as (

    select * from {{ ref('int_raw_keys') }}

),

-- What must match: all keys or some. Below `named_below` of the keys a partial match is worth a warning.
rules as (

    select listed.* from (
        values
        ('sectors_are_known', true, 1, 'codes are in seeds sectors and sector_codes',
            'Correct them, or add them to a seed.'),
        ('final_demand_buys', false, 0, 'codes are users',
            'Transposed? supplying_sector sells, using_sector buys.'),
        ('value_added_is_paid_for', false, 0, 'codes are suppliers',
            'Transposed? supplying_sector sells, using_sector buys.'),
        ('digital_sectors_supply', false, 1, 'digital sectors supply anybody',
            'Add their rows: what they supply counts as not digital.'),
        ('flows_have_output', false, 1, 'years are in industry_output',
            'Supply both files for the same years.'),
        ('users_have_output', false, 1, 'sectors are in industry_output',
            'Add their output, or correct the codes.'),
        ('output_has_users', false, 1, 'sectors use anything',
            'Add their columns: without them their digital inputs are zero.'),
        ('industries_have_coefficients', false, 1, 'sectors are in industry_output',
            'Add them: without them they weigh nothing.'),
        ('cities_are_in_the_yearbook', false, 0.5, 'cities are in the yearbook',
            'Supply files of the same cities.'),
        ('years_are_of_the_study', false, 0, 'years are of use',
            'Correct the years, or vars study_start_year and study_end_year.')
    ) as listed (join_id, must_match_all, named_below, claim, remedy)

),

counted as (

    select
        join_id,
        table_name,
        column_name,
        subject,
        count(*) as n_keys,
        count(*) filter (where is_matched) as n_matched,
        string_agg(key, ', ' order by key) filter (where not is_matched and place <= 10)
            || case when count(*) filter (where not is_matched) > 10 then ', ...' else '' end as unmatched
    from (
        select
            *,
            row_number() over (
                partition by join_id, table_name, column_name, subject, is_matched
                order by key
            ) as place
        from keys
    ) as placed
    group by join_id, table_name, column_name, subject

),

final as (

    select
        counted.join_id,
        counted.table_name,
        counted.column_name,
        counted.subject,
        counted.n_keys,
        counted.n_matched,
        case when rules.must_match_all then counted.n_keys else 1 end as n_required,
        counted.n_matched / counted.n_keys as share_matched,
        rules.named_below,
        case when counted.n_matched < counted.n_keys then
            counted.table_name || ', column ' || counted.column_name
            || case when counted.subject = '' then '' else ' (' || counted.subject || ')' end || ': '
            || case when counted.n_matched = 0 then 'none' else cast(counted.n_matched as varchar) end || ' of '
            || counted.n_keys || ' ' || rules.claim || '; not ' || counted.unmatched || '. ' || rules.remedy
        end as finding
    from counted
    inner join rules on counted.join_id = rules.join_id

)

select * from final
