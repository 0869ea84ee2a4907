import { Module } from '@nestjs/common';
import { ServiceEnv } from '../service-env.ts';
import type { ServiceOptions } from '../service-options.ts';
import { MakeNotes } from './make-notes.migration.ts';
import { Note } from './note.entity.ts';
import { IdempotencyKey } from '../idempotency/idempotency-key.entity.ts';
import { NotesController } from './notes.controller.ts';

@Module({ controllers: [NotesController] })
export class NotesModule {}

/** A small real service for the kit's own tests. */
export const notesService: ServiceOptions = {
  service: 'notes',
  module: NotesModule,
  config: ServiceEnv,
  database: { entities: [Note, IdempotencyKey], migrations: [MakeNotes] },
  problems: { 'note.locked': 409 },
};
