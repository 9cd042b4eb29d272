namespace TdmEdu.Simulation.Runs;

/// <summary>
/// Seeds that found something once; they run first, every time. A seed means its schedule only under the dice of today: who changes
/// the plans or the world checks with --mutants that nothing is found later than before, and begins this list anew.
/// </summary>
internal static class Kept
{
    public static readonly IReadOnlyList<(long Seed, string Name, string What)> Seeds =
    [
        (77587340710, "Session_that_a_restored_Central_knows_is_opened_anew", "Central came back from a copy with the box's session, without what it had acknowledged."),
        (77587348610, "Open_that_arrives_twice_is_noticed_by_the_watch", "A repeated Open took the session over, and nothing told the box before its heartbeat."),
        (601820058916, "Settled_box_may_hear_late_of_a_cut", "The judge counted from the heal for a box that had been done in between."),
        (601820110232, "Form_of_an_evicted_fact_is_refused_in_its_own_words", "Sent again after the record had left the school, it was called another content."),
        (501786201406, "Late_watch_of_an_old_session_ends_alone", "It ended the watch of the new one as well."),
        (501786219029, "Twin_of_a_clone_is_not_done_under_an_old_session", "Its other half's operations looked like its own."),
        (501786232955, "Lost_watch_is_made_good_within_a_heartbeat", "The wait before the next Open came on top of five seconds of silence."),
        (97253990195, "Replaced_session_is_made_good_within_a_heartbeat", "The same after an Open that arrived twice."),
        (660598145215, "End_of_a_watch_wakes_the_box", "It came past the line and the box's own loop."),
        (660598053992, "Box_without_a_page_yet_knows_its_Central", "After a new epoch it took a restored Central for the one it knew: what was acknowledged was gone."),
        (952284643247, "Answer_to_a_repeated_batch_tells_what_was_refused_too", "It overtook the first answer, and the school never learned what was refused."),
    ];
}
