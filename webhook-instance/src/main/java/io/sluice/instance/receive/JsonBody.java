package io.sluice.instance.receive;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.Optional;

/** Checks that a body is one JSON text within limits, without building anything from it: what is stored is what was sent. */
final class JsonBody {
    private static final int MAX_DEPTH = 50;
    private static final int MAX_STRING_CHARACTERS = 16 * 1024 * 1024;
    private static final int MAX_NAMES = 100_000;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(MAX_STRING_CHARACTERS)
                    .build())
            .build();

    private JsonBody() {}

    /** What is wrong with it, with line and column but none of its content; empty when it is fine. */
    static Optional<String> mistake(byte[] body) {
        try (JsonParser parser = FACTORY.createParser(body)) {
            if (parser.nextToken() == null) {
                return Optional.of("the body is empty (expected: a JSON text)");
            }
            if (!skipValue(parser)) {
                return Optional.of("more than " + MAX_NAMES + " members");
            }
            return parser.nextToken() == null
                    ? Optional.empty()
                    : Optional.of("more after the JSON text" + at(parser.currentTokenLocation()));
        } catch (JsonProcessingException e) {
            return Optional.of("not JSON, or nested deeper than " + MAX_DEPTH + at(e.getLocation()));
        } catch (IOException e) {
            return Optional.of("not JSON");
        }
    }

    private static boolean skipValue(JsonParser parser) throws IOException {
        int depth = 0;
        int names = 0;
        JsonToken token = parser.currentToken();
        while (true) {
            if (token.isStructStart()) {
                depth++;
            } else if (token.isStructEnd()) {
                depth--;
            } else if (token == JsonToken.FIELD_NAME && ++names > MAX_NAMES) {
                return false;
            } else if (token == JsonToken.VALUE_STRING || token.isNumeric()) {
                // values are read lazily, and their own mistakes only show when they are
                parser.finishToken();
            }
            if (depth == 0) {
                return true;
            }
            token = parser.nextToken();
            if (token == null) {
                throw new IOException("ends early");
            }
        }
    }

    private static String at(JsonLocation location) {
        return location == null ? "" : " at line " + location.getLineNr() + ", column " + location.getColumnNr();
    }
}
