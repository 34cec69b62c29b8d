import type { ErrorDefinition } from "../errors/backend-error.ts";

/** Errors of jobs and schedules. */
export const JOB_ERRORS = {
  jobInvalid: { code: "PLINTH_JOB_INVALID", status: 500, message: "The definition of a job is not valid.", hint: "Names are 1 to 100 letters, digits, dots, dashes and underscores, begin with a letter, and are each defined once." },
  jobPayloadInvalid: { code: "PLINTH_JOB_PAYLOAD_INVALID", status: 400, message: "The payload is not what the job takes." },
  jobOptionsInvalid: { code: "PLINTH_JOB_OPTIONS_INVALID", status: 400, message: "The options are not valid." },
  jobNotFound: { code: "PLINTH_JOB_NOT_FOUND", status: 404, message: "There is no such job.", hint: "Jobs that have ended are kept for as long as their definition's keepMs says." },
  scheduleInvalid: { code: "PLINTH_JOB_SCHEDULE_INVALID", status: 400, message: "The schedule is not valid.", hint: 'cron takes five fields, or six with seconds first ("0 3 * * *"); timeZone an IANA name ("Europe/Paris").' },
  jobFailed: { code: "PLINTH_JOB_FAILED", status: 500, message: "A job failed." },
  jobCancelled: { code: "PLINTH_JOB_CANCELLED", status: 409, message: "The job was cancelled." },
  jobTimedOut: { code: "PLINTH_JOB_TIMED_OUT", status: 504, message: "The job took longer than its timeoutMs." },
  jobTaken: { code: "PLINTH_JOB_TAKEN", status: 409, message: "This process lost touch with the metadata database for so long that another may have taken up the job." },
  jobAbandoned: { code: "PLINTH_JOB_ABANDONED", status: 500, message: "The process that ran the job ended before the job did." },
} as const satisfies Record<string, ErrorDefinition>;
