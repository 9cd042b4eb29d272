using LiteDB;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Modules.Attendance;

// What the architecture rules must catch, each in the place where the product would have it.
namespace TdmEdu.HouseRules.Offence.Sync
{
    internal sealed class DoesIo
    {
        public static bool Exists(string file) => File.Exists(file);
    }

#pragma warning disable CA1852 // This is the offence.
    internal class Open;
#pragma warning restore CA1852
}

namespace TdmEdu.HouseRules.Offence.EdgeNode.Uplink
{
    internal sealed record HoldsLiteDb(LiteDatabase Cache);

    internal sealed record HoldsEf(DbContext Rows);
}

namespace TdmEdu.HouseRules.Offence.Modules.Attendance
{
    internal sealed record HoldsSqlite(SqliteConnection Rows);
}

namespace TdmEdu.HouseRules.Offence.Modules.Registry
{
    internal sealed record KnowsAttendance(SessionKey Session);
}

namespace TdmEdu.HouseRules.Offence.Modules.Shell
{
    internal sealed record DrawsPictures(System.Drawing.Rectangle Dots);

    internal sealed record KnowsAttendance(SessionKey Session);
}
