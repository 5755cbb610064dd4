// @ts-check
import { docx, pdf, photo, xlsx } from './files.mjs';

/** @type {readonly import('./thread.mjs').Thread[]} */
export const englishThreads = [
  {
    key: 'northsea-final-payment',
    age: 22.3,
    hour: 10,
    subject: 'Northsea Phase 2 – final milestone and retention',
    people: ['whitfield', 'raman', 'carter'],
    turns: [
      {
        by: 'whitfield',
        text: [
          'Dear Katharina,',
          'the last two nacelle frames arrived in Aberdeen on Tuesday, in good condition. From our side the works are complete apart from the as-built documentation.',
          'Priya will send you the completion certificate for signature. I expect payment of the final milestone before Christmas, although our year-end freeze starts on the 12th.',
          'Best regards,\nJames',
        ],
      },
      {
        by: 'brandt',
        hours: 2,
        text: [
          'Dear James,',
          'very good news, and thank you to your marine team. We will deliver the as-built documentation this week so that nothing holds up the certificate. A payment before your freeze would help us a great deal.',
          'Best regards\nKatharina',
        ],
      },
      {
        by: 'raman',
        hours: 47,
        text: [
          'Dear Katharina,',
          'please find attached the draft completion certificate. Two remarks: the retention of 5% stays in place until the end of the warranty inspection, and clause 17 refers to the amended delivery dates from June.',
          'Could your legal team confirm by Monday?',
          'Kind regards,\nPriya',
        ],
        files: [
          docx('Completion Certificate NSR-P2 (draft).docx', [
            'Completion Certificate',
            'Northsea Phase 2, supply of 16 nacelle frames.',
            'The Purchaser confirms that the Works have been completed in accordance with the Contract, save for the items in Schedule A.',
          ]),
        ],
      },
      {
        by: 'carter',
        hours: 4,
        to: ['brandt'],
        cc: [],
        text: [
          'Katharina,',
          'for context: James has budget until the 12th, after that it really does slip to mid January. I would sign with the 5% in place and ask for a bank guarantee instead of cash retention in spring.',
          'Emily',
        ],
        isFlagged: true,
      },
      { by: 'brandt', hours: 1, text: ['Agreed. Claudia is checking clause 17 today, then we sign.', 'Katharina'] },
      {
        by: 'brandt',
        hours: 27,
        to: ['raman', 'whitfield'],
        cc: ['carter'],
        answers: 2,
        text: [
          'Dear Priya, dear James,',
          'the signed certificate is attached. We accept the retention for now and would like to replace it by a bank guarantee in spring.',
          'Best regards\nKatharina',
        ],
        files: [
          pdf('Completion Certificate NSR-P2 signed.pdf', 'Completion Certificate NSR-P2', [
            'Signed for Nordlicht Maschinenbau GmbH, Stralsund.',
          ]),
        ],
      },
      { by: 'raman', hours: 20, text: ['Received with thanks. Your invoice is approved and goes into the run on the 10th.', 'Priya'] },
    ],
  },
  {
    key: 'steel-price',
    age: 16.3,
    subject: 'S355 plate, price for Q1',
    people: ['devries', 'yildirim'],
    turns: [
      {
        by: 'devries',
        text: [
          'Dear Mrs Brandt, dear Mehmet,',
          'as you know the mills announced another increase. We can hold 742 euro per tonne for Q1 if you confirm 900 tonnes this week. After that I am afraid it will be 780 or more.',
          'All plates with 3.2 certificate, delivery by barge to Stralsund, as always.',
          'With kind regards,\nJan de Vries',
        ],
      },
      {
        by: 'yildirim',
        hours: 3,
        to: ['brandt'],
        cc: [],
        text: [
          'Hallo Frau Dr. Brandt,',
          '900 Tonnen decken Arkona bis Mai. Zwei andere Händler liegen bei 755 und 761. Ich würde zusagen, aber nur für 700 fest und 200 als Option.',
          'Viele Grüße\nMehmet Yıldırım',
        ],
      },
      { by: 'brandt', hours: 1, text: ['Guter Vorschlag, bitte so abschließen.', 'Katharina Brandt'] },
      {
        by: 'devries',
        hours: 21,
        to: ['yildirim'],
        cc: ['brandt'],
        answers: 0,
        text: ['Dear Mehmet,', '700 firm and 200 optional until 15 February, agreed. The confirmation is attached.', 'Jan'],
        files: [
          pdf('Order confirmation 25-11873.pdf', 'Order confirmation', [
            '700 t S355J2+N plate, 12 to 60 mm, inspection certificate EN 10204-3.2. Price 742.00 EUR/t, free on barge Stralsund.',
          ]),
        ],
      },
    ],
  },
  {
    key: 'surveyor-visit',
    age: 8.4,
    subject: 'Surveyor visit hall 2 – welding procedure qualification',
    people: ['okafor', 'koehler', 'ahrens'],
    turns: [
      {
        by: 'okafor',
        text: [
          'Dear Dr Brandt,',
          'I will be in Stralsund next Tuesday and Wednesday to witness the procedure tests for the 80 mm joints. Please have the test plates tacked and the charpy machine calibrated; last time we lost half a day over the certificate.',
          'I will also need a desk and access to the guest network.',
          'Kind regards\nDaniel Okafor',
        ],
      },
      {
        by: 'ahrens',
        hours: 2,
        text: [
          'Plates are ready on Monday evening, calibration was done on the 3rd, the certificate is on its way to you. Desk is next to my office, coffee included.',
          'Thomas Ahrens',
        ],
      },
      {
        by: 'brandt',
        hours: 1,
        text: ['Thank you both. Daniel, would you join us for dinner on Tuesday? There is a small place at the harbour.', 'Katharina'],
      },
      { by: 'okafor', hours: 16, text: ['With pleasure. No oysters this time, please.', 'Daniel'] },
      {
        by: 'koehler',
        hours: 60,
        text: [
          'All four tests passed, lowest charpy value 61 J at minus 40. Pictures of the macro sections attached. Daniel signs on Friday.',
          'Matthias',
        ],
        files: [photo('macro_section_80mm.jpg', 'macro80')],
      },
    ],
  },
  {
    key: 'gearbox-noise',
    age: 4.4,
    subject: 'Yaw drive noise, unit 11, Fécamp',
    people: ['delacroix', 'esposito', 'koehler'],
    turns: [
      {
        by: 'delacroix',
        text: [
          'Hello Katharina, hello Matthias,',
          'the customer hears a grinding noise in the yaw drive of unit 11 below 4 m/s. Oil sample shows 310 ppm iron, that is three times the value of the other units. I recommend to stop it until we looked inside.',
          'Maria, the gearbox is from your batch 0924.',
          'Cordialement\nFrançois',
        ],
        isFlagged: true,
      },
      {
        by: 'esposito',
        hours: 5,
        text: [
          'Dear all,',
          'batch 0924 had a hardness deviation on two pinions which we sorted out at the time. I cannot exclude that one slipped through. We send a replacement tonight by road, arrival Thursday morning, no charge.',
          'Saluti\nMaria Esposito',
        ],
      },
      {
        by: 'koehler',
        hours: 2,
        text: ['Thank you Maria, that is how it should be. François, please keep the old pinion and send it to our lab.', 'Matthias'],
      },
      {
        by: 'brandt',
        hours: 1,
        text: [
          'Thank you for the quick help, Maria. François, please tell the customer today, including the date. I will call their site manager tomorrow myself.',
          'Katharina',
        ],
      },
      {
        by: 'delacroix',
        hours: 40,
        text: [
          'Replacement done, unit 11 back in operation since 15:20, no noise. The tooth flank damage is clearly visible, photo attached.',
          'François',
        ],
        files: [photo('pinion_0924_flank.jpg', 'pinion')],
        isUnseen: true,
      },
    ],
  },
  {
    key: 'uk-hire',
    age: 3.3,
    subject: 'Aberdeen: second service engineer',
    people: ['carter', 'schroeder'],
    turns: [
      {
        by: 'carter',
        text: [
          'Hi Katharina, hi Birgit,',
          'with the Northsea service contract signed I need a second engineer from March. I have a very good candidate from the port, but she has another offer on the table until Friday. Numbers are in the sheet.',
          'Can I go ahead?',
          'Emily',
        ],
        files: [
          xlsx('service_engineer_business_case.xlsx', 'Case', [
            ['Item', 'GBP per year'],
            ['Salary and on-costs', 71500],
            ['Vehicle and tools', 9800],
            ['Contract revenue', 164000],
          ]),
        ],
      },
      {
        by: 'schroeder',
        hours: 2,
        text: [
          'Dear Emily,',
          'the position is in the plan from April, one month earlier is no problem from my side. Please use the new contract template.',
          'Birgit',
        ],
      },
      { by: 'brandt', hours: 1, text: ['Go ahead, and congratulations on the contract.', 'Katharina'] },
      { by: 'carter', hours: 19, text: ['She signed this morning. Thank you both!', 'Emily'], isUnseen: true },
    ],
  },
];
