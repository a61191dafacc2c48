package io.sluice.journal;

/**
 * Damage that recovery found and stepped over. The bytes stay where they are and the gap is reported at every open, until a snapshot or
 * {@link Journal#discardBefore} retires the file; it is then renamed to {@code *.damaged} instead of being deleted.
 *
 * @param segment the file's name
 * @param offset where the unreadable bytes begin
 * @param bytes how many bytes are unreadable; 0 when records are missing without a trace, as after a lost file
 * @param reason what was found, for people
 */
public record Gap(String segment, long offset, long bytes, String reason) {}
