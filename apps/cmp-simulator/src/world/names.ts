export const firstWords =
  'Fabrikam Contoso Northwind Tailspin Wingtip Litware Proseware Adatum Trey Lucerne Coho Fourth Humongous Margie Alpine Woodgrove Graphic City Wide Blue'.split(
    ' ',
  );
export const middleWords =
  'Dental Legal Logistics Partners Media Health Foods Energy Motors Design Property Travel Textiles Robotics Audit Timber Marine Print Security Gardens'.split(
    ' ',
  );
export const usEndings = ['Inc', 'LLC', 'Group', 'Corp'];
export const ukEndings = ['Ltd', 'LLP', 'plc', 'Group'];
export const givenNames =
  'Jane Omar Lucia Peter Aisha Tomas Grace Henrik Mei Daniel Sofia Patrick Nadia Oliver Ruth Sanjay'.split(
    ' ',
  );
export const familyNames =
  'Doe Hansen Patel Novak Garcia Smith Okafor Rossi Dubois Chen Murphy Kowalski Silva Meyer Jones Larsen'.split(
    ' ',
  );
export const usCities = [
  { city: 'Irvine', state: 'CA', postalCode: '92612' },
  { city: 'Austin', state: 'TX', postalCode: '78701' },
  { city: 'Buffalo', state: 'NY', postalCode: '14221' },
  { city: 'Portland', state: 'OR', postalCode: '97205' },
  { city: 'Tampa', state: 'FL', postalCode: '33602' },
];
export const ukCities = [
  { city: 'Milton Keynes', state: 'Buckinghamshire', postalCode: 'MK14 6GD' },
  { city: 'Leeds', state: 'West Yorkshire', postalCode: 'LS1 4AP' },
  { city: 'Bristol', state: 'Avon', postalCode: 'BS1 5TR' },
  { city: 'Edinburgh', state: 'Midlothian', postalCode: 'EH1 1YZ' },
];
