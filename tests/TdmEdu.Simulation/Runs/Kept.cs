namespace TdmEdu.Simulation.Runs;

/// <summary>Seeds that found something once. They run first, every time.</summary>
internal static class Kept
{
    public static readonly IReadOnlyList<(long Seed, string Name, string What)> Seeds =
    [
        (1, "Open_in_flight_does_not_spin", "WakeAt said now while an Open travelled: a look every millisecond for half a minute."),
        (12, "Saved_edit_stands_above_what_it_replaced", "A clock at 1970 made a teacher's saved edit older than the office's."),
        (38, "Changed_batch_is_not_taken_in", "The last operation of a batch was compared with nothing."),
        (2366, "Heartbeat_does_not_empty_a_lane", "An empty lane was written after a first batch that committed late."),
        (101475, "Withdrawn_clone_is_not_counted", "The judge asked Central for what only the other machine of a withdrawn pair had."),
        (104816, "Empty_feed_of_a_restored_Central_is_taken", "A feed without any entry gave no page, so the box kept the old feed's places."),
    ];
}
