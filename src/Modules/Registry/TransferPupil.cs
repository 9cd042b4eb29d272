using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>What a transfer does to the pupil's places in classes: the old school's end, one at the new school begins the day after.</summary>
public static class TransferPupil
{
    /// <summary>The changes of places in both schools; refused when the pupil is not the old school's, or no place can be begun.</summary>
    public static Result<IReadOnlyList<Draft>> Places(Catalogue catalogue, IRecords records, Transfer transfer, DateOnly today)
    {
        var (from, to, first) = (Scope.School(transfer.From), Scope.School(transfer.To), transfer.Effective.AddDays(1));
        if (from == to)
        {
            return Error.Invalid("transfer_same_school", "Hãy chọn trường chuyển đến khác với trường hiện nay.");
        }
        var everLeft = PupilMoves.Of(records, from)?.HasLeft(transfer.From, transfer.Pupil, DateOnly.MaxValue) == true;
        if (everLeft || records.Get<Pupil>(from, transfer.Pupil) is null)
        {
            return Error.Conflict("transfer_not_here", "Học sinh này không còn ở trường đã chọn. Hãy tìm lại ở trường hiện nay của em.");
        }
        var left = Enrol.Leave(catalogue, records, from, transfer.Pupil, first, today, agreed: true);
        if (!left.Reply.Ok && left.Reply.Error.Reason != "not_enrolled")
        {
            return left.Reply.Error;
        }
        var joined = Enrol.Move(catalogue, records, to, new(transfer.Pupil, transfer.Class, first, null), today, agreed: true);
        return joined.Reply.Ok ? (Result<IReadOnlyList<Draft>>)(List<Draft>)[.. left.Drafts, .. joined.Drafts] : joined.Reply.Error;
    }

    /// <summary>
    /// Ends what the old school, not knowing yet, began or left open beyond the last day, once all it recorded is here. Nothing when the
    /// pupil has come back by a later decision.
    /// </summary>
    public static IReadOnlyList<Draft> EndLeftOver(Catalogue catalogue, IRecords records, Transfer transfer)
    {
        var from = Scope.School(transfer.From);
        return PupilMoves.Of(records, from)?.HasLeft(transfer.From, transfer.Pupil, DateOnly.MaxValue) == true
            ? Enrol.End(catalogue, from, Enrol.PlacesOf(records, from, transfer.Pupil), transfer.Effective.AddDays(1))
            : [];
    }

    /// <summary>A school's word on a place that begins after the pupil has left is the new school's to say.</summary>
    internal static Share OfGone(Scope school, Enrolment place, IRecords records) =>
        !Period.Of(place).IsEmpty && PupilMoves.Of(records, school)?.HasLeft(school.Owner, place.Pupil, place.From) == true ? Share.Whole : Share.None;
}
