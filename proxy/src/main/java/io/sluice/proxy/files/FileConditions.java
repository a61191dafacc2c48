package io.sluice.proxy.files;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a GET or HEAD of a file asks for besides the file: preconditions (RFC 9110 §13.2.2) and one range of bytes (§14.2). A request for
 * several ranges gets the whole file, which is allowed and simpler for everybody.
 *
 * <p>Each field as received, joined by commas if it came more than once; null when absent.
 */
public record FileConditions(
        @Nullable String ifMatch,
        @Nullable String ifUnmodifiedSince,
        @Nullable String ifNoneMatch,
        @Nullable String ifModifiedSince,
        @Nullable String ifRange,
        @Nullable String range) {
    /**
     * The part of the file to be sent.
     *
     * @param status 200, 206, 304, 412 or 416
     * @param length 0 where there is nothing to send
     */
    public record Part(int status, long from, long length) {}

    private static final String BYTES = "bytes=";

    public Part choose(OpenFile file) {
        if (ifMatch != null
                ? !matches(ifMatch, file.etag(), false)
                : ifUnmodifiedSince != null && isModifiedSince(ifUnmodifiedSince, file)) {
            return new Part(412, 0, 0);
        }
        if (ifNoneMatch != null
                ? matches(ifNoneMatch, file.etag(), true)
                : ifModifiedSince != null && isUnmodifiedSince(ifModifiedSince, file)) {
            return new Part(304, 0, 0);
        }
        String wanted = range;
        if (wanted == null || (ifRange != null && !isUnchanged(ifRange, file))) {
            return new Part(200, 0, file.size());
        }
        return part(wanted, file.size());
    }

    private static boolean isModifiedSince(String date, OpenFile file) {
        return HttpDate.parse(date).map(at -> file.modifiedSeconds() > at).orElse(false);
    }

    private static boolean isUnmodifiedSince(String date, OpenFile file) {
        return HttpDate.parse(date).map(at -> file.modifiedSeconds() <= at).orElse(false);
    }

    private static boolean isUnchanged(String validator, OpenFile file) {
        return validator.strip().equals(file.etag()) || validator.strip().equals(file.lastModified());
    }

    private static boolean matches(String list, String etag, boolean weakly) {
        for (String each : list.split(",", -1)) {
            String tag = each.strip();
            if (tag.equals("*") || (weakly && tag.startsWith("W/") ? tag.substring(2) : tag).equals(etag)) {
                return true;
            }
        }
        return false;
    }

    private static Part part(String wanted, long size) {
        Part whole = new Part(200, 0, size);
        int dash = wanted.indexOf('-');
        if (!wanted.regionMatches(true, 0, BYTES, 0, BYTES.length()) || dash < 0 || wanted.indexOf(',') >= 0) {
            return whole;
        }
        String first = wanted.substring(BYTES.length(), dash).strip();
        String last = wanted.substring(dash + 1).strip();
        Optional<Long> from = number(first);
        Optional<Long> to = number(last);
        boolean valid = first.isEmpty() ? to.isPresent() : from.isPresent() && (last.isEmpty() || to.isPresent());
        if (!valid) {
            return whole;
        }
        long start = from.orElse(Math.max(0, size - to.orElse(0L)));
        long end = first.isEmpty() ? size - 1 : Math.min(size - 1, to.orElse(Long.MAX_VALUE));
        if (from.isPresent() && to.isPresent() && from.get() > to.get()) {
            return whole;
        }
        return start >= size ? new Part(416, 0, 0) : new Part(206, start, end - start + 1);
    }

    /** Numbers of more digits than any file has octets count as the largest. */
    private static Optional<Long> number(String digits) {
        if (!digits.matches("[0-9]+")) {
            return Optional.empty();
        }
        return Optional.of(digits.length() > 18 ? Long.MAX_VALUE : Long.parseLong(digits));
    }
}
