using TdmEdu.Contracts.Meeting.V1;

namespace TdmEdu.Meeting;

internal sealed class MeetingEndpoint : MeetingService.MeetingServiceBase;
