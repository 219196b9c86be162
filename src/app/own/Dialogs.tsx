import { lazy, Suspense } from 'react';
import { useApp } from '../context';

/** Fetched when they are first opened. */
const TeacherDialog = lazy(async () => import('./TeacherDialog'));
const DataDialog = lazy(async () => import('./DataDialog'));

/** The dialog of what a person brings, if one is open. */
export function OwnDialogs() {
  const dialog = useApp((state) => state.own.dialog);
  return (
    <Suspense fallback={null}>
      {dialog === 'teacher' && <TeacherDialog />}
      {dialog === 'data' && <DataDialog />}
    </Suspense>
  );
}
