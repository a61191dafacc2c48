/**
 * JSON as all Sluice processes speak it. {@link io.sluice.service.json.Json} holds the one mapper; {@link
 * io.sluice.service.json.RecordBinding} turns a request body into a record and reports every mistake in it.
 */
@NullMarked
package io.sluice.service.json;

import org.jspecify.annotations.NullMarked;
