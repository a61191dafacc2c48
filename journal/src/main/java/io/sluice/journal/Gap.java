package io.sluice.journal;

/**
 * Damage that recovery found and stepped over. The bytes stay in the file and are copied to the folder {@code quarantine}; the gap
 * is reported at every open until a snapshot or {@link Journal#discardBefore} retires the file.
 *
 * @param segment the file's name
 * @param offset where the unreadable bytes begin; 0 when the whole file is unreadable or records are missing without a trace
 * @param bytes how many bytes are unreadable; 0 when records are missing without a trace, as after a lost file
 * @param reason what was found, for people
 */
public record Gap(String segment, long offset, long bytes, String reason) {}
