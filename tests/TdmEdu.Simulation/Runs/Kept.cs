namespace TdmEdu.Simulation.Runs;

/// <summary>
/// Seeds that found something once; they run first, every time. A seed means its schedule only under the dice of today: who changes
/// the plans or the world checks with --mutants that nothing is found later than before, and begins this list anew.
/// </summary>
internal static class Kept
{
    public static readonly IReadOnlyList<(long Seed, string Name, string What)> Seeds =
    [
        (626252183661, "Box_asks_only_once_what_Central_lost_is_in_its_lanes_again", "It said that all was sent while what a restored Central lacked was not yet numbered anew."),
        (755216514964, "Step_that_a_bad_disk_stopped_is_tried_again", "A read failed under the new epoch, and the box never opened again."),
        (33413730936, "Damaged_box_that_was_never_heard_of_begins_a_new_epoch", "Central let it go on, and its lane stopped at the operation that the disk had changed."),
        (70018714777, "Of_two_stamps_that_Central_gave_the_latest_is_sent_again", "A Central restored twice got the first, below the one that the box showed."),
        (70018718305, "Eviction_before_a_confirmed_list_in_its_page_is_carried_out", "Those of the list were counted before the page had brought who confirmed them."),
        (359110037920, "What_a_copy_sent_again_while_parked_takes_effect_once", "Both were parked by an old Central, and each got a stamp of its own when they took effect."),
        (439981900594, "Stamp_given_instead_of_another_is_none_that_the_node_has_lost", "Central's clock stood at 1970, and the copy took one operation for the other."),
        (433395412866, "Restored_Central_gives_a_stamp_from_the_future_the_one_it_gave_before", "Its time had come meanwhile, so the box alone held the lower one."),
        (302525311879, "What_was_cut_below_an_eviction_is_not_there", "The box held the field by its own stamp, above the eviction, and kept it when Central's stamp came."),
    ];
}
