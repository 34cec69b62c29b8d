import type { DeadLetters } from "./job-queue.ts";
import { checked, DEAD_LETTER_FILTER, LIST_OPTIONS } from "./queue-options.ts";
import { deleteDeadLetter, deleteDeadLetters, retryDeadLetter, retryDeadLetters } from "./store/dead-letters.ts";
import type { QueueDatabase } from "./store/queue-database.ts";
import { assertJobId, listJobs } from "./store/read-jobs.ts";

/** @param onRetried jobs are pending again */
export function createDeadLetters(database: QueueDatabase, onRetried: () => void): DeadLetters {
  return {
    list: async (options = {}) => {
      const filter = checked(LIST_OPTIONS, { ...options, status: "failed" });
      return database.use((db) => listJobs(db, filter));
    },
    retry: async (id) => {
      assertJobId(id);
      const job = await database.use((db) => retryDeadLetter(db, id));
      onRetried();
      return job;
    },
    retryAll: async (filter = {}) => {
      const given = checked(DEAD_LETTER_FILTER, filter);
      const count = await database.use((db) => retryDeadLetters(db, given));
      onRetried();
      return count;
    },
    delete: async (id) => {
      assertJobId(id);
      await database.use((db) => deleteDeadLetter(db, id));
    },
    deleteAll: async (filter = {}) => {
      const given = checked(DEAD_LETTER_FILTER, filter);
      return database.use((db) => deleteDeadLetters(db, given));
    },
  };
}
